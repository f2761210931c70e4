using System.IO.Compression;
using System.Net;
using SpamFilter;

namespace MLNetLlm.Samples.Tests;

public sealed class SmsDataTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("samples-tests-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task Offline_the_shipped_messages_are_used_and_the_reason_is_given()
    {
        var data = new SmsData(null, Download(_ => throw new HttpRequestException("no network")));

        var source = await data.FindAsync(null, CancellationToken.None);

        Assert.True(source.IsShipped);
        Assert.False(source.IsCollection);
        Assert.Contains("no network", Assert.Single(source.Notes));
        Assert.NotEmpty(SmsFile.Read(source.Path));
    }

    [Fact]
    public async Task A_download_that_is_not_the_known_file_is_refused_and_not_kept()
    {
        var data = new SmsData(null, Download(_ => Respond(Zip("SMSSpamCollection", "ham\tsomething else"))));

        var source = await data.FindAsync(null, CancellationToken.None);

        Assert.True(source.IsShipped);
        Assert.Contains("SHA-256", Assert.Single(source.Notes));
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory));
    }

    [Fact]
    public async Task A_download_that_is_no_archive_is_refused()
    {
        var data = new SmsData(null, Download(_ => Respond("<html>maintenance</html>"u8.ToArray())));

        Assert.True((await data.FindAsync(null, CancellationToken.None)).IsShipped);
    }

    [Fact]
    public async Task A_named_file_goes_before_everything_else()
    {
        var file = Path.Combine(directory, "mine.tsv");
        File.WriteAllText(file, "ham\thello\n");

        var source = await new SmsData(directory, Unreachable).FindAsync(file, CancellationToken.None);

        Assert.Equal(file, source.Path);
        Assert.Empty(source.Notes);
    }

    [Fact]
    public async Task A_named_file_that_is_missing_is_an_error()
    {
        var error = await Assert.ThrowsAsync<FileNotFoundException>(
            () => new SmsData(null, Unreachable).FindAsync("nowhere.tsv", CancellationToken.None));

        Assert.Contains("nowhere.tsv", error.Message);
    }

    [Fact]
    public async Task The_data_directory_goes_before_the_download()
    {
        File.WriteAllText(Path.Combine(directory, "SMSSpamCollection"), "ham\thello\n");

        var source = await new SmsData(directory, Unreachable).FindAsync(null, CancellationToken.None);

        Assert.Equal(Path.Combine(directory, "SMSSpamCollection"), source.Path);
        Assert.False(source.IsCollection);
    }

    [SkippableFact]
    public async Task The_real_collection_is_downloaded_once_and_then_taken_from_the_cache()
    {
        var collection = Repository.SharedFile("data/SMSSpamCollection");
        var archive = Zip("SMSSpamCollection", File.ReadAllBytes(collection));
        var requests = 0;
        var data = new SmsData(null, Download(_ =>
        {
            requests++;
            return Respond(archive);
        }));

        var first = await data.FindAsync(null, CancellationToken.None);
        var second = await data.FindAsync(null, CancellationToken.None);

        Assert.True(first.IsCollection);
        Assert.Equal(first.Path, second.Path);
        Assert.Equal(1, requests);
        Assert.Equal(["SMSSpamCollection"], Directory.EnumerateFiles(directory).Select(Path.GetFileName));
        Assert.Equal(5574, SmsFile.Read(first.Path).Count);
    }

    [Fact]
    public async Task Cancelling_the_download_is_not_taken_for_being_offline()
    {
        var data = new SmsData(null, Download(_ => Respond([])));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => data.FindAsync(null, new CancellationToken(canceled: true)));
    }

    private static SmsDownload Unreachable => new(new HttpClient(new Handler(_ => throw new HttpRequestException("not to be asked"))), "nowhere");

    private SmsDownload Download(Func<HttpRequestMessage, HttpResponseMessage> answer) => new(new HttpClient(new Handler(answer)), directory);

    private static HttpResponseMessage Respond(byte[] content) => new(HttpStatusCode.OK) { Content = new ByteArrayContent(content) };

    private static byte[] Zip(string name, string content) => Zip(name, System.Text.Encoding.UTF8.GetBytes(content));

    private static byte[] Zip(string name, byte[] content)
    {
        using var buffer = new MemoryStream();
        using (var archive = new ZipArchive(buffer, ZipArchiveMode.Create))
        {
            using var stream = archive.CreateEntry(name).Open();
            stream.Write(content);
        }

        return buffer.ToArray();
    }

    private sealed class Handler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Task.FromResult(answer(request));
        }
    }
}
