using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests.Data;

public sealed class TokenCacheTests : IDisposable
{
    private static readonly string[] Texts = ["WIN a free prize", "", "see you at the station", "did you call?"];
    private static readonly TextTokenizer Tokenizer = BytePairLearner.Learn(Texts, new BytePairOptions { VocabularySize = 300 });

    private readonly string directory = Path.Combine(Directory.CreateTempSubdirectory("mlnetllm-tests-").FullName, "made", "by the cache");
    private readonly MLContext ml = new(seed: 1);
    private readonly List<string> messages = [];

    public TokenCacheTests() => ml.Log += (_, line) =>
    {
        lock (messages)
        {
            messages.Add(line.Message);
        }
    };

    public void Dispose() => Directory.Delete(Path.GetFullPath(Path.Combine(directory, "..", "..")), recursive: true);

    private (int[] Ids, string Path, bool WasThere) Open(IReadOnlyList<string>? texts = null, TextTokenizer? tokenizer = null)
    {
        using var channel = ((IChannelProvider)ml).Start("test");
        var cache = new TokenCache(directory, channel, () => { });
        var (tokens, path, wasThere) = cache.Open(texts ?? Texts, CorpusSurvey.Of(texts ?? Texts), tokenizer ?? Tokenizer);
        using (tokens)
        {
            var ids = new int[tokens.Count];
            tokens.Read(0, ids);
            return (ids, path, wasThere);
        }
    }

    private static int[] Expected(IEnumerable<string> texts) => TokenStream.Join(texts.Select(Tokenizer.Encode), Tokenizer.EndOfTextId);

    [Fact]
    public void A_second_run_finds_the_tokens_of_the_first()
    {
        var first = Open();
        var second = Open();

        Assert.False(first.WasThere);
        Assert.True(second.WasThere);
        Assert.Equal(first.Path, second.Path);
        Assert.Equal(Expected(Texts), first.Ids);
        Assert.Equal(first.Ids, second.Ids);
        Assert.Equal([first.Path], Directory.GetFiles(directory));
    }

    [Fact]
    public void Other_texts_another_order_or_another_tokenizer_have_files_of_their_own()
    {
        var path = Open().Path;
        var otherTokenizer = BytePairLearner.Learn(["zzz zzz"], new BytePairOptions { VocabularySize = 300 });

        Assert.NotEqual(path, Open([.. Texts, "more"]).Path);
        Assert.NotEqual(path, Open(Texts.Reverse().ToArray()).Path);
        Assert.NotEqual(path, Open([Texts[0] + Texts[2], "", "", Texts[3]]).Path);
        Assert.NotEqual(path, Open(tokenizer: otherTokenizer).Path);
    }

    [Fact]
    public void Ids_take_two_bytes_where_the_vocabulary_allows_it() =>
        Assert.Equal(TokenCacheHeader.Size + 2 * Expected(Texts).Length, new FileInfo(Open().Path).Length);

    [Fact]
    public void Ids_above_65535_are_kept_whole()
    {
        var path = Path.Combine(Directory.CreateDirectory(directory).FullName, "wide.tokens");
        var key = new byte[TokenCacheHeader.KeySize];
        using (var writer = new TokenCacheWriter(path, bytesPerId: 4))
        {
            writer.Append([1, 70_000, 128_255]);
            writer.Complete(key);
        }

        using var tokens = MappedTokens.Open(path, key);
        var ids = new int[2];
        tokens.Read(1, ids);
        Assert.Equal([70_000, 128_255], ids);
        Assert.Throws<ArgumentOutOfRangeException>(() => tokens.Read(2, new int[2]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(17)]
    [InlineData(30)]
    [InlineData(TokenCacheHeader.Size)]
    [InlineData(TokenCacheHeader.Size + 11)]
    public void A_file_with_a_flipped_bit_is_built_anew(int place)
    {
        var path = Open().Path;
        var bytes = File.ReadAllBytes(path);
        bytes[place] ^= 4;
        File.WriteAllBytes(path, bytes);

        var (ids, _, wasThere) = Open();

        Assert.False(wasThere);
        Assert.Equal(Expected(Texts), ids);
        Assert.Contains(messages, message => message.Contains(path) && message.Contains("built anew"));
        Assert.True(Open().WasThere);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(TokenCacheHeader.Size)]
    [InlineData(TokenCacheHeader.Size + 7)]
    public void A_file_cut_short_is_built_anew(int length)
    {
        var path = Open().Path;
        using (var file = File.OpenWrite(path))
        {
            file.SetLength(length);
        }

        Assert.Equal(Expected(Texts), Open().Ids);
        Assert.True(Open().WasThere);
    }

    [Fact]
    public async Task Those_who_want_the_same_tokens_at_once_build_them_once()
    {
        var texts = Enumerable.Range(0, 3_000).Select(row => $"text {row} of many").ToArray();

        var opened = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Open(texts))));

        Assert.Equal(1, opened.Count(result => !result.WasThere));
        Assert.All(opened, result => Assert.Equal(Expected(texts), result.Ids));
        Assert.Single(Directory.GetFiles(directory));
    }

    [Fact]
    public void A_failure_in_the_middle_leaves_nothing_behind()
    {
        using var channel = ((IChannelProvider)ml).Start("test");
        var cache = new TokenCache(directory, channel, () => { });

        static IEnumerable<string> Failing()
        {
            yield return "one";
            throw new FormatException("row 2");
        }

        Assert.Throws<FormatException>(() => cache.Open(Failing(), CorpusSurvey.Of(Texts), Tokenizer));
        Assert.Empty(Directory.GetFiles(directory));
    }

    [Fact]
    public void What_a_killed_run_left_behind_is_removed_after_a_while_and_never_used()
    {
        Directory.CreateDirectory(directory);
        var old = Path.Combine(directory, "a.tokens.1-2.partial");
        var recent = Path.Combine(directory, "b.tokens.1-2.partial");
        File.WriteAllText(old, "half");
        File.WriteAllText(recent, "half");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));

        Assert.Equal(Expected(Texts), Open().Ids);

        Assert.False(File.Exists(old));
        Assert.True(File.Exists(recent));
    }

    [Fact]
    public void A_folder_that_cannot_be_used_is_named()
    {
        var file = Path.Combine(Directory.CreateDirectory(directory).FullName, "file");
        File.WriteAllText(file, "");
        using var channel = ((IChannelProvider)ml).Start("test");
        var cache = new TokenCache(Path.Combine(file, "tokens"), channel, () => { });

        var error = Assert.Throws<IOException>(() => cache.Open(Texts, CorpusSurvey.Of(Texts), Tokenizer));

        Assert.Contains("TokenCache.Directory", error.Message);
        Assert.Contains(file, error.Message);
    }

    [Fact]
    public void Texts_are_encoded_in_order_on_all_processors() => Assert.Equal(
        Enumerable.Range(0, 5_000), ParallelEncoder.Encode(Enumerable.Range(0, 5_000).Select(row => row.ToString()), int.Parse));
}
