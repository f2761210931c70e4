using System.Net;
using System.Net.Http.Headers;

namespace MLNetLlm.Models;

/// <summary>
/// Sends requests and follows redirects. The token goes to the endpoint only: a redirect to the storage of large files
/// carries a signature in its address, and whoever serves it has no business with the token.
/// </summary>
internal sealed class HubTransport(HubOptions options)
{
    private const int MostRedirects = 10;

    // One pool of connections for the process. Redirects are followed here, because the handler's own lose the token even
    // where they stay at the endpoint, as after a repository was renamed.
    private static readonly HttpClient Client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private static readonly ProductInfoHeaderValue Product =
        new("MLNetLlm", typeof(HubTransport).Assembly.GetName().Version?.ToString(3) ?? "1.0");

    /// <summary>One request.</summary>
    /// <param name="method">HEAD stops at the storage as soon as the Hub has said what a file is.</param>
    /// <param name="path">Below the endpoint, escaped.</param>
    /// <param name="offset">The first byte wanted.</param>
    /// <param name="patience">How long the servers may be silent.</param>
    /// <exception cref="HubTransientFailure">The server is silent, or the connection broke.</exception>
    public async Task<HubResponse> SendAsync(HttpMethod method, string path, long offset, HubPatience patience)
    {
        var address = new Uri($"{options.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");
        var headers = HubHeaders.None;
        for (var redirects = 0; ; redirects++)
        {
            using var request = CreateRequest(method, address, offset);
            var message = await patience
                .WaitAsync(token => new ValueTask<HttpResponseMessage>(Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token)), $"'{address.Authority}'")
                .ConfigureAwait(false);
            var isFromHub = IsEndpoint(address);
            headers = isFromHub ? headers.Or(message) : headers;
            var next = IsRedirect(message.StatusCode) ? FindTarget(message, address) : null;
            if (next is null || (method == HttpMethod.Head && headers.AreComplete && !IsEndpoint(next)))
            {
                return new HubResponse(message, isFromHub, headers);
            }

            message.Dispose();
            if (redirects == MostRedirects)
            {
                throw new HubException(HubFailure.Unreachable, $"'{options.Endpoint.Authority}' redirects more than {MostRedirects} times, at last to '{next.Authority}'.");
            }

            address = next;
        }
    }

    private static bool IsRedirect(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;

    private static Uri FindTarget(HttpResponseMessage message, Uri address)
    {
        var target = message.Headers.Location is { } location ? new Uri(address, location) : null;
        var isAcceptable = target is not null && target.Scheme is "http" or "https" && (address.Scheme == "http" || target.Scheme == "https");
        if (!isAcceptable)
        {
            message.Dispose();
            throw new HubException(
                HubFailure.Unreachable, $"'{address.Authority}' redirects to {(target is null ? "nowhere" : $"a '{target.Scheme}' address")}; expected {address.Scheme}.");
        }

        return target!;
    }

    private HttpRequestMessage CreateRequest(HttpMethod method, Uri address, long offset)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.UserAgent.Add(Product);

        // A compressed answer would have neither the length nor, on some servers, the tag of the file.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (offset > 0)
        {
            request.Headers.Range = new RangeHeaderValue(offset, null);
        }

        if (options.Token is not null && IsEndpoint(address))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
        }

        return request;
    }

    private bool IsEndpoint(Uri address) =>
        Uri.Compare(address, options.Endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
