using System.Net;

namespace ChatService;

/// <summary>Others than this machine reach the service only if they need a key.</summary>
internal static class LoopbackRule
{
    public const string DefaultUrl = "http://127.0.0.1:5080";

    /// <exception cref="InvalidOperationException">The service would be open to everybody.</exception>
    public static void Require(IEnumerable<string> urls, ServiceSettings settings)
    {
        if (settings.ApiKeys.Length == 0 && urls.FirstOrDefault(url => !IsLoopback(url)) is { } open)
        {
            throw new InvalidOperationException(
                $"The service would listen on {open}, where others can reach it, without any key. Set {ServiceSettings.Section}:ApiKeys "
                + $"(for example the environment variable {ServiceSettings.Section}__ApiKeys__0), or listen on {DefaultUrl}.");
        }
    }

    public static bool IsLoopback(string url)
    {
        var host = BindingAddress.Parse(url).Host;
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
    }
}
