using System.Security.Cryptography;
using System.Text;

namespace ChatService;

/// <summary>Lets requests to the APIs pass that bear one of the configured keys: <c>Authorization: Bearer KEY</c>.</summary>
internal sealed class ApiKeyGuard(RequestDelegate next, ServiceSettings settings)
{
    private const string Scheme = "Bearer ";

    // Hashes are of one length, so that comparing them tells nothing about a key.
    private readonly byte[][] keys = [.. settings.ApiKeys.Select(HashOf)];

    public Task InvokeAsync(HttpContext context) => keys.Length == 0 || !IsGuarded(context.Request.Path) || BearsKey(context.Request)
        ? next(context)
        : RefuseAsync(context);

    private static bool IsGuarded(PathString path) => path.StartsWithSegments("/v1") || path.StartsWithSegments("/api");

    private bool BearsKey(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var given = HashOf(header[Scheme.Length..].Trim());
        // All keys are compared, whichever fits.
        return keys.Count(key => CryptographicOperations.FixedTimeEquals(key, given)) > 0;
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        var problem = context.Request.Headers.Authorization.Count == 0
            ? "The request bears no key; send it as 'Authorization: Bearer KEY'."
            : "The request's key is not valid here.";
        return FailureWriter.WriteAsync(context, new Failure(StatusCodes.Status401Unauthorized, "invalid_api_key", problem));
    }

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
