using System.IO.Compression;
using System.Security.Cryptography;
using InstructionTuning;
using Pretraining;
using Samples;
using SpamFilter;

namespace MLNetLlm.Samples.Tests;

public sealed class DataFinderTests : IDisposable
{
    private static readonly byte[] PublicContent = "to be or not"u8.ToArray();
    private static readonly PublicFile Plain = new("The play", "play.txt", new Uri("https://example.org/play.txt"), Convert.ToHexStringLower(SHA256.HashData(PublicContent)));
    private static readonly SampleData Data = new(Plain, "harbour.txt");
    private static readonly SampleData Archived = Data with { Public = Plain with { IsInArchive = true } };

    private readonly string directory = Directory.CreateTempSubdirectory("samples-tests-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task Offline_the_shipped_file_is_used_and_the_reason_is_given()
    {
        var found = await Finder(_ => throw new HttpRequestException("no network")).FindAsync(Data, null, CancellationToken.None);

        Assert.True(found.IsShipped);
        Assert.Equal("The play could not be downloaded from example.org: no network", Assert.Single(found.Notes));
        Assert.True(File.Exists(found.Path));
    }

    [Fact]
    public async Task A_download_that_is_not_the_known_file_is_refused_and_not_kept()
    {
        foreach (var (data, content) in new[] { (Data, "to be"u8.ToArray()), (Archived, Zip("play.txt", "to be"u8.ToArray())) })
        {
            var found = await Finder(_ => Respond(content)).FindAsync(data, null, CancellationToken.None);

            Assert.True(found.IsShipped);
            Assert.Contains("SHA-256", Assert.Single(found.Notes));
            Assert.Empty(Directory.EnumerateFileSystemEntries(directory));
        }
    }

    [Fact]
    public async Task A_download_that_is_no_archive_or_one_of_something_else_is_refused()
    {
        foreach (var content in new[] { "<html>maintenance</html>"u8.ToArray(), Zip("other.txt", PublicContent) })
        {
            Assert.True((await Finder(_ => Respond(content)).FindAsync(Archived, null, CancellationToken.None)).IsShipped);
        }
    }

    [Fact]
    public async Task The_public_file_is_downloaded_once_and_then_taken_from_the_cache()
    {
        foreach (var (data, content) in new[] { (Data, PublicContent), (Archived, Zip("play.txt", PublicContent)) })
        {
            var requests = 0;
            var finder = Finder(request =>
            {
                requests++;
                Assert.Equal(data.Public.Address, request.RequestUri);
                return Respond(content);
            });

            var first = await finder.FindAsync(data, null, CancellationToken.None);
            var second = await finder.FindAsync(data, null, CancellationToken.None);

            Assert.Equal((1, first.Path), (requests, second.Path));
            Assert.Equal((false, 0), (first.IsShipped, first.Notes.Count));
            Assert.Equal(PublicContent, File.ReadAllBytes(Assert.Single(Directory.EnumerateFileSystemEntries(directory))));
            File.Delete(first.Path);
        }
    }

    [Fact]
    public async Task A_cached_file_that_was_damaged_is_downloaded_anew()
    {
        File.WriteAllText(Path.Combine(directory, "play.txt"), "to");

        var found = await Finder(_ => Respond(PublicContent)).FindAsync(Data, null, CancellationToken.None);

        Assert.Equal(PublicContent, File.ReadAllBytes(found.Path));
    }

    [Fact]
    public async Task A_named_file_goes_before_everything_else()
    {
        var file = Path.Combine(directory, "mine.txt");
        File.WriteAllText(file, "hello");
        File.WriteAllText(Path.Combine(directory, "play.txt"), "hello");

        var found = await new DataFinder(directory, Unreachable).FindAsync(Data, file, CancellationToken.None);

        Assert.Equal(file, found.Path);
        Assert.Empty(found.Notes);
    }

    [Fact]
    public async Task A_named_file_that_is_missing_is_an_error()
    {
        var error = await Assert.ThrowsAsync<FileNotFoundException>(
            () => new DataFinder(null, Unreachable).FindAsync(Data, "nowhere.txt", CancellationToken.None));

        Assert.Contains("nowhere.txt", error.Message);
    }

    [Fact]
    public async Task The_data_directory_goes_before_the_download_and_what_it_lacks_is_noted()
    {
        var empty = await new DataFinder(directory, Unreachable).FindAsync(Data, null, CancellationToken.None);
        File.WriteAllText(Path.Combine(directory, "play.txt"), "hello");
        var found = await new DataFinder(directory, Unreachable).FindAsync(Data, null, CancellationToken.None);

        Assert.Equal($"MLNETLLM_DATA is '{directory}', but play.txt is not in it.", empty.Notes[0]);
        Assert.Equal(Path.Combine(directory, "play.txt"), found.Path);
        Assert.Empty(found.Notes);
    }

    [Fact]
    public async Task Cancelling_the_download_is_not_taken_for_being_offline() => await Assert.ThrowsAnyAsync<OperationCanceledException>(
        () => Finder(_ => Respond([])).FindAsync(Data, null, new CancellationToken(canceled: true)));

    [SkippableFact]
    public void The_samples_know_their_public_files_byte_for_byte()
    {
        foreach (var file in new[] { SmsData.Collection, TextData.Shakespeare, InstructionData.PublicSet })
        {
            Assert.True(file.Matches(File.ReadAllBytes(Repository.SharedFile($"data/{file.FileName}"))), file.FileName);
        }
    }

    [SkippableFact]
    public void The_public_files_are_read_whole()
    {
        Assert.Equal(5574, SmsFile.Read(Repository.SharedFile("data/SMSSpamCollection")).Count);
        Assert.Equal(1100, InstructionFile.Read(Repository.SharedFile("data/instruction-data.json")).Count);
        var text = TextSplit.Read(Repository.SharedFile("data/tinyshakespeare_input.txt"));
        Assert.Equal((1_003_854, 111_540), (text.TrainingCharacters, text.ValidationCharacters));
    }

    [Fact]
    public void The_shipped_files_suffice_for_a_run()
    {
        Assert.True(InstructionFile.Read(InstructionData.Instructions.ShippedFile).Count > 50);
        Assert.NotEmpty(TextSplit.Read(TextData.Text.ShippedFile).Validation);
    }

    private static PublicFileDownload Unreachable => new(new HttpClient(new Handler(_ => throw new HttpRequestException("not to be asked"))), "nowhere");

    private DataFinder Finder(Func<HttpRequestMessage, HttpResponseMessage> answer) => new(null, new PublicFileDownload(new HttpClient(new Handler(answer)), directory));

    private static HttpResponseMessage Respond(byte[] content) => new() { Content = new ByteArrayContent(content) };

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
