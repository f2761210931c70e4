using System.Text;
using System.Text.Json.Nodes;

namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class DamagedTokenizerFileSpecifications
{
    private static readonly byte[] Good = TokenizerTestData.Written(TokenizerTestData.Small);

    [Fact]
    public void A_file_cut_off_anywhere_is_refused_with_its_name_and_the_offset_of_its_end()
    {
        for (int length = 0; length < Good.Length - 2; length += 97)
        {
            InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(Good[..length]));
            Assert.Contains("zip entry tokenizer", error.Message);
            Assert.Matches(@"byte offset \d+", error.Message);
        }
    }

    [Fact]
    public void A_flipped_byte_is_refused_or_harmless_and_never_costs_much_memory()
    {
        Random random = new(11);
        for (int trial = 0; trial < 400; trial++)
        {
            byte[] damaged = [.. Good];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Read(damaged).Encode("still a tokenizer");
            }
            catch (Exception error) when (error is InvalidDataException or NotSupportedException)
            {
                Assert.Contains("zip entry tokenizer", error.Message);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
        }
    }

    [Fact]
    public void The_offset_points_at_the_damage()
    {
        int place = Encoding.UTF8.GetString(Good).IndexOf("\"pre_tokenizer\"", StringComparison.Ordinal);
        byte[] damaged = [.. Good];
        damaged[place] = (byte)'#';

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(damaged));

        Assert.Contains($"byte offset {place}", error.Message);
    }

    [Theory]
    [InlineData("{}", "'model'")]
    [InlineData("[]", "an object")]
    [InlineData("""{ "model": { "type": "BPE", "vocab": [], "merges": [] } }""", "an object")]
    [InlineData("""{ "model": { "type": "BPE", "vocab": { "a": -1 }, "merges": [] } }""", "token id")]
    [InlineData("""{ "model": { "type": "BPE", "vocab": { "a": 99999999999 }, "merges": [] } }""", "token id")]
    [InlineData("""{ "model": { "type": "BPE", "vocab": { "a": 1, "a": 2 }, "merges": [] } }""", "comes again")]
    [InlineData("""{ "model": { "type": "BPE", "vocab": {}, "merges": ["a"] } }""", "two tokens")]
    [InlineData("""{ "added_tokens": [ { "id": 3 } ] }""", "'content'")]
    [InlineData("""{ "model": { "type": "BPE", "vocab": { "\uD800": 1 } } }""", "Unicode")]
    public void Content_of_the_wrong_shape_is_refused_with_what_was_expected(string json, string expected)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(Encoding.UTF8.GetBytes(json)));
        Assert.Contains("zip entry tokenizer", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_vocabulary_without_one_of_the_bytes_is_refused()
    {
        InvalidDataException error = Refused(model => model["vocab"]!.AsObject().Remove("q"));
        Assert.Contains("0x71", error.Message);
    }

    [Fact]
    public void A_merge_of_tokens_that_are_not_there_is_refused()
    {
        InvalidDataException error = Refused(model => model["merges"]!.AsArray().Add("q zzz"));
        Assert.Contains("'zzz'", error.Message);
    }

    [Fact]
    public void An_id_given_twice_is_refused()
    {
        InvalidDataException error = Refused(model => model["vocab"]!["extra"] = 300);
        Assert.Contains("300", error.Message);
        Assert.Contains("'extra'", error.Message);
    }

    [Fact]
    public void An_id_far_beyond_the_others_is_refused_before_memory_is_taken_for_it()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        InvalidDataException error = Refused(model => model["vocab"]!["extra"] = int.MaxValue);
        Assert.Contains("2147483647", error.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
    }

    [Theory]
    [InlineData("merges.txt", "#version: 0.2\nt h\nbroken\n", "line 3")]
    [InlineData("merges.txt", "#version: 0.2\nt h e\n", "line 2")]
    [InlineData("vocab.json", "{ \"a\": 1, ", "byte offset 10")]
    [InlineData("vocab.json", "{ \"a\": \"b\" }", "byte offset 7")]
    public void Damage_in_one_of_the_two_gpt2_files_names_that_file(string name, string content, string expected)
    {
        using TemporaryDirectory directory = new();
        TokenizerTestData.Small.Save(directory.Path);
        File.Delete(directory.File("tokenizer.json"));
        File.WriteAllText(directory.File(name), content);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(directory.Path));

        Assert.Contains(directory.File(name), error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("IQ== 0\nIg==\n", "line 2", "byte offset 7")]
    [InlineData("IQ== 0\n?!?! 1\n", "line 2", "byte offset 7")]
    [InlineData("IQ== x\n", "line 1", "byte offset 0")]
    [InlineData("Capacity: 2\nIQ==\n?\n", "line 3", "byte offset 17")]
    [InlineData("IQ== 0\nIQ== 1\n", "line 2", "repeats")]
    public void A_damaged_tiktoken_file_names_its_line(string content, string line, string expected)
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("x.tiktoken"), content);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(directory.Path));

        Assert.Contains("x.tiktoken", error.Message);
        Assert.Contains(line, error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_tiktoken_file_of_unknown_size_is_not_guessed_at()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("x.tiktoken"), "IQ== 0\n");
        Assert.Contains("1 ranks", Assert.Throws<NotSupportedException>(() => TextTokenizer.Load(directory.Path)).Message);
    }

    [Fact]
    public void What_is_not_there_is_named()
    {
        using TemporaryDirectory directory = new();
        Assert.Contains(directory.Path, Assert.Throws<FileNotFoundException>(() => TextTokenizer.Load(directory.Path)).Message);
        Assert.Contains("none.json", Assert.Throws<FileNotFoundException>(() => TextTokenizer.Load(directory.File("none.json"))).Message);
        File.WriteAllText(directory.File("vocab.json"), "{}");
        Assert.Contains("merges.txt", Assert.Throws<FileNotFoundException>(() => TextTokenizer.Load(directory.File("vocab.json"))).Message);
        File.WriteAllText(directory.File("spiece.model"), "");
        Assert.Contains("SentencePiece", Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(directory.File("spiece.model"))).Message);
    }

    private static InvalidDataException Refused(Action<JsonObject> damage)
    {
        JsonNode json = JsonNode.Parse(Good)!;
        damage(json["model"]!.AsObject());
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(Encoding.UTF8.GetBytes(json.ToJsonString())));
        Assert.Contains("zip entry tokenizer", error.Message);
        return error;
    }

    private static TextTokenizer Read(byte[] content) => TextTokenizer.Read(new MemoryStream(content), "zip entry tokenizer");
}
