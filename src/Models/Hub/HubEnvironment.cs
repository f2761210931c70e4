namespace MLNetLlm.Models;

/// <summary>
/// The environment variables of the Hub's tools, with their order of precedence and their defaults
/// (huggingface_hub, package reference "Environment variables").
/// </summary>
internal sealed class HubEnvironment(Func<string, string?> variable)
{
    public Uri Endpoint
    {
        get
        {
            var text = Value("HF_ENDPOINT") ?? HubOptions.PublicEndpoint;
            return Uri.TryCreate(text, UriKind.Absolute, out var endpoint)
                ? endpoint
                : throw new ArgumentException("The environment variable HF_ENDPOINT must be an http or https address, but is none.");
        }
    }

    public string CacheDirectory =>
        Expand(Value("HF_HUB_CACHE") ?? Value("HUGGINGFACE_HUB_CACHE")) ?? Path.Combine(Home, "hub");

    public bool IsOffline => IsTrue("HF_HUB_OFFLINE") || IsTrue("TRANSFORMERS_OFFLINE");

    public bool UseSymbolicLinks => !IsTrue("HF_HUB_DISABLE_SYMLINKS");

    private string Home =>
        Expand(Value("HF_HOME"))
        ?? Path.Combine(Expand(Value("XDG_CACHE_HOME")) ?? Path.Combine(UserDirectory, ".cache"), "huggingface");

    private string UserDirectory => Value("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    public string? ReadToken()
    {
        if (IsTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN"))
        {
            return null;
        }

        if ((Value("HF_TOKEN") ?? Value("HUGGING_FACE_HUB_TOKEN")) is { } given)
        {
            return given;
        }

        var file = Expand(Value("HF_TOKEN_PATH")) ?? Path.Combine(Home, "token");
        return File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } stored ? stored : null;
    }

    private bool IsTrue(string name) => Value(name)?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    private string? Value(string name) => variable(name)?.Trim() is { Length: > 0 } value ? value : null;

    private string? Expand(string? path) =>
        path is null ? null
        : path == "~" ? UserDirectory
        : path.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(UserDirectory, path[2..])
        : path;
}
