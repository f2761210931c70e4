using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MLNetLlm.Models.Tests.Hub;

/// <summary>What a client asked for.</summary>
internal sealed record HubTestRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers)
{
    public long? RangeStart =>
        Headers.TryGetValue("Range", out var range) ? long.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : null;

    public bool IsDownloadOf(string file) => Method == "GET" && Path.EndsWith("/" + file, StringComparison.Ordinal);
}

/// <summary>What the server says, which may be wrong on purpose.</summary>
internal sealed record HubTestAnswer(int Status, byte[] Body, params (string Name, string Value)[] Headers)
{
    /// <summary>What the header says, whatever the body has; below 0 there is no such header and the body ends with the connection.</summary>
    public long? AnnouncedLength { get; init; }

    /// <summary>The connection ends after this many bytes of the body.</summary>
    public int? DropAfter { get; init; }

    /// <summary>The server falls silent after this many bytes of the body.</summary>
    public int? StallAfter { get; init; }

    /// <summary>The pieces that the body comes in, with a pause after each.</summary>
    public int? SlowPieces { get; init; }
}

/// <summary>
/// An HTTP server made of a socket, because those made for use do not let a server drop connections and lie about lengths.
/// Every connection serves one request.
/// </summary>
internal sealed class HubTestServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly Func<HubTestRequest, HubTestAnswer> answer;

    public HubTestServer(Func<HubTestRequest, HubTestAnswer> answer)
    {
        this.answer = answer;
        listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        _ = AcceptAsync();
    }

    public Uri Address { get; }

    public ConcurrentQueue<HubTestRequest> Requests { get; } = [];

    /// <summary>Errors in the tests' own answers, which a client sees only as a broken connection.</summary>
    public ConcurrentQueue<Exception> Mistakes { get; } = [];

    public void Dispose()
    {
        end.Cancel();
        listener.Stop();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync(end.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient connection)
    {
        using var client = connection;
        try
        {
            var stream = client.GetStream();
            var request = await ReadAsync(stream);
            if (request is null)
            {
                return;
            }

            Requests.Enqueue(request);
            await WriteAsync(stream, request, answer(request));
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // The client has gone, or the test is over.
        }
        catch (Exception exception)
        {
            Mistakes.Enqueue(exception);
        }
    }

    private async Task<HubTestRequest?> ReadAsync(NetworkStream stream)
    {
        var text = "";
        var buffer = new byte[4096];
        while (!text.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer, end.Token);
            if (count == 0)
            {
                return null;
            }

            text += Encoding.ASCII.GetString(buffer, 0, count);
        }

        var lines = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var first = lines[0].Split(' ');
        var headers = lines[1..].Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        return new HubTestRequest(first[0], first[1], headers);
    }

    private async Task WriteAsync(NetworkStream stream, HubTestRequest request, HubTestAnswer answer)
    {
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} Answer\r\nConnection: close\r\n");
        foreach (var (name, value) in answer.Headers)
        {
            head.Append($"{name}: {value}\r\n");
        }

        if ((answer.AnnouncedLength ?? answer.Body.Length) is >= 0 and var length)
        {
            head.Append($"Content-Length: {length}\r\n");
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), end.Token);
        if (request.Method == "HEAD")
        {
            return;
        }

        var count = Math.Min(answer.Body.Length, answer.DropAfter ?? answer.StallAfter ?? answer.Body.Length);
        var piece = Math.Max(1, answer.SlowPieces is { } pieces ? count / pieces : count);
        for (var start = 0; start < count; start += piece)
        {
            await stream.WriteAsync(answer.Body.AsMemory(start, Math.Min(piece, count - start)), end.Token);
            if (answer.SlowPieces is not null)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), end.Token);
            }
        }

        if (answer.StallAfter is not null)
        {
            await Task.Delay(Timeout.Infinite, end.Token);
        }
    }
}
