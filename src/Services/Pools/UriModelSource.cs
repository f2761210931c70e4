using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace MLNetLlm.Services;

/// <summary>A model behind an address. Versions are told apart by entity tag, else by date of change, else by content.</summary>
internal sealed class UriModelSource(Uri address, HttpClient client) : IModelSource
{
    private const string Tag = "tag ";
    private const string Date = "date ";

    public string Description => $"the model at {address}";

    public async Task<ModelVersion?> LookAsync(string? knownStamp, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        AddCondition(request.Headers, knownStamp);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            return null;
        }

        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{address} answered {(int)response.StatusCode} {response.ReasonPhrase}.", null, response.StatusCode);
        }

        var content = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        try
        {
            await response.Content.CopyToAsync(content, cancellationToken).ConfigureAwait(false);
            content.Position = 0;
            var stamp = StampOf(response) ?? Convert.ToHexString(await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false));
            content.Position = 0;
            if (stamp != knownStamp)
            {
                return new ModelVersion(stamp, content);
            }
        }
        catch
        {
            await content.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await content.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    // What was read is a copy that nobody writes to.
    public bool IsStill(string stamp) => true;

    private static string? StampOf(HttpResponseMessage response) =>
        response.Headers.ETag is { } tag ? Tag + tag
        : response.Content.Headers.LastModified is { } date ? Date + date.ToString("R")
        : null;

    private static void AddCondition(HttpRequestHeaders headers, string? knownStamp)
    {
        if (knownStamp?.StartsWith(Tag, StringComparison.Ordinal) == true)
        {
            headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(knownStamp[Tag.Length..]));
        }
        else if (knownStamp?.StartsWith(Date, StringComparison.Ordinal) == true)
        {
            headers.IfModifiedSince = DateTimeOffset.Parse(knownStamp[Date.Length..], System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
