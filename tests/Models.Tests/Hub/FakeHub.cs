using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MLNetLlm.Models.Tests.Hub;

/// <summary>A Hub with one model, whose answers a test can replace one by one, and a cache for its client.</summary>
internal sealed class FakeHub : IDisposable
{
    public const string Name = "org/tiny";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    public const string Weights = "model.safetensors";

    private readonly DirectoryInfo cache = Directory.CreateTempSubdirectory("mlnetllm-hub-");

    public FakeHub()
    {
        Files["config.json"] = Encoding.UTF8.GetBytes("""{"model_type":"gpt2"}""");
        Files["tokenizer.json"] = Encoding.UTF8.GetBytes("""{"version":"1.0"}""");
        Files[Weights] = RandomBytes(1, 300_000);
        Server = new HubTestServer(request => Fault?.Invoke(request) ?? Answer(request));
    }

    public HubTestServer Server { get; }

    public Dictionary<string, byte[]> Files { get; } = [];

    public string CurrentCommit { get; set; } = Commit;

    /// <summary>Takes the place of the usual answer unless it is <see langword="null"/>.</summary>
    public Func<HubTestRequest, HubTestAnswer?>? Fault { get; set; }

    /// <summary>Where large files are stored; <see langword="null"/> has the Hub serve them itself.</summary>
    public Uri? Storage { get; set; }

    public InstantTime Time { get; } = new();

    public string CacheDirectory => cache.FullName;

    public string ModelDirectory => Path.Combine(CacheDirectory, "models--org--tiny");

    public string BlobDirectory => Path.Combine(ModelDirectory, "blobs");

    public string SnapshotDirectory => Path.Combine(ModelDirectory, "snapshots", CurrentCommit);

    public HubOptions Options => new(_ => null)
    {
        Endpoint = Server.Address,
        CacheDirectory = CacheDirectory,
        TimeProvider = Time,
        StallTimeout = TimeSpan.FromSeconds(20),
    };

    public static byte[] RandomBytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static bool IsLarge(string file) => file.EndsWith(".safetensors", StringComparison.Ordinal);

    public static string EtagOf(string file, byte[] bytes) => IsLarge(file)
        ? Convert.ToHexStringLower(SHA256.HashData(bytes))
        : Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"), .. bytes]));

    public string BlobPath(string file) => Path.Combine(BlobDirectory, EtagOf(file, Files[file]));

    public string PartialPath(string file) => BlobPath(file) + ".incomplete";

    public IEnumerable<HubTestRequest> DownloadsOf(string file) => Server.Requests.Where(request => request.IsDownloadOf(file));

    /// <summary>Answers requests for the bytes of a file as a test says, first to last, and after that as usual.</summary>
    public void AnswerDownloadsOf(string file, params Func<HubTestRequest, HubTestAnswer>[] answers)
    {
        var next = -1;
        Fault = request => request.IsDownloadOf(file) && Interlocked.Increment(ref next) is var index && index < answers.Length ? answers[index](request) : null;
    }

    public HubTestAnswer Answer(HubTestRequest request)
    {
        if (request.Path.StartsWith($"/api/models/{Name}/revision/", StringComparison.Ordinal))
        {
            return new(200, JsonSerializer.SerializeToUtf8Bytes(new { sha = CurrentCommit, siblings = Files.Keys.Select(file => new { rfilename = file }) }));
        }

        var start = $"/{Name}/resolve/{CurrentCommit}/";
        return request.Path.StartsWith(start, StringComparison.Ordinal) && Files.ContainsKey(request.Path[start.Length..])
            ? AnswerFile(request, request.Path[start.Length..])
            : new(404, [], ("X-Error-Code", request.Path.StartsWith($"/{Name}/", StringComparison.Ordinal) ? "EntryNotFound" : "RepoNotFound"));
    }

    /// <summary>The bytes of a file from where the request wants them, with what the Hub says about it.</summary>
    public HubTestAnswer AnswerFile(HubTestRequest request, string file)
    {
        var bytes = Files[file];
        (string, string)[] headers = IsLarge(file)
            ? [("X-Repo-Commit", CurrentCommit), ("X-Linked-Etag", $"\"{EtagOf(file, bytes)}\""), ("X-Linked-Size", bytes.Length.ToString(CultureInfo.InvariantCulture))]
            : [("X-Repo-Commit", CurrentCommit), ("ETag", $"W/\"{EtagOf(file, bytes)}\"")];
        return Storage is not null && IsLarge(file) ? new(302, [], [.. headers, ("Location", new Uri(Storage, $"/stored/{file}?signature=secret").AbsoluteUri)])
            : AnswerBytes(request, bytes, headers);
    }

    public static HubTestAnswer AnswerBytes(HubTestRequest request, byte[] bytes, params (string Name, string Value)[] headers) =>
        request.RangeStart is not { } start ? new(200, bytes, headers)
        : start >= bytes.Length ? new(416, [], ("Content-Range", $"bytes */{bytes.Length}"))
        : new(206, bytes[(int)start..], [.. headers, ("Content-Range", $"bytes {start}-{bytes.Length - 1}/{bytes.Length}")]);

    /// <summary>Writes what an interrupted download would have left.</summary>
    public void LeavePartial(string file, byte[] bytes)
    {
        Directory.CreateDirectory(BlobDirectory);
        File.WriteAllBytes(PartialPath(file), bytes);
    }

    /// <summary>The snapshot holds exactly these files with the right bytes, and nothing is left beside them.</summary>
    public void AssertComplete(string directory, params string[] files)
    {
        Assert.Empty(Server.Mistakes);
        Assert.Equal(SnapshotDirectory, directory);
        Assert.Equal(files.Order(StringComparer.Ordinal), Directory.GetFiles(directory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        foreach (var file in files)
        {
            Assert.Equal(Files[file], File.ReadAllBytes(Path.Combine(directory, file)));
        }

        Assert.DoesNotContain(Directory.GetFiles(BlobDirectory), path => path.EndsWith(".incomplete", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        Server.Dispose();
        cache.Delete(recursive: true);
    }
}

/// <summary>A clock on which every pause is over at once, and that remembers them.</summary>
internal sealed class InstantTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<double> seconds = [];

    public IReadOnlyList<double> Seconds
    {
        get
        {
            lock (gate)
            {
                return [.. seconds];
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (gate)
        {
            seconds.Add(dueTime.TotalSeconds);
        }

        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
