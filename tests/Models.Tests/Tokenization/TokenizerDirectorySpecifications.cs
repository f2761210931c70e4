using System.Text;
using System.Text.Json.Nodes;

namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class TokenizerDirectorySpecifications
{
    [Fact]
    public void Files_that_contradict_each_other_are_refused_with_both_names_and_the_token()
    {
        using TemporaryDirectory directory = new();
        TokenizerTestData.Small.Save(directory.Path);
        File.WriteAllLines(directory.File("vocab.txt"), TokenizerKinds.WordPieceWords.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(directory.Path));

        Assert.Contains(directory.File("tokenizer.json"), error.Message);
        Assert.Contains(directory.File("vocab.txt"), error.Message);
        Assert.Contains("'[PAD]'", error.Message);
    }

    [Fact]
    public void A_vocabulary_with_two_ids_exchanged_is_such_a_contradiction()
    {
        using TemporaryDirectory directory = new();
        TokenizerTestData.Small.Save(directory.Path);
        JsonNode vocabulary = JsonNode.Parse(File.ReadAllText(directory.File("vocab.json")))!;
        (vocabulary["a"], vocabulary["b"]) = ((int)vocabulary["b"]!, (int)vocabulary["a"]!);
        File.WriteAllText(directory.File("vocab.json"), vocabulary.ToJsonString());

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(directory.Path));

        Assert.Contains("vocab.json", error.Message);
        Assert.Contains("tokenizer.json", error.Message);
    }

    [Fact]
    public void Files_that_agree_are_one_tokenizer()
    {
        using TemporaryDirectory directory = new();
        TextTokenizer tokenizer = TokenizerKinds.Get("word-piece");
        tokenizer.Save(directory.Path);
        File.WriteAllLines(directory.File("vocab.txt"), TokenizerKinds.WordPieceWords.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(tokenizer.Encode("hello wonderful tokenization"), TextTokenizer.Load(directory.Path).Encode("hello wonderful tokenization"));
    }

    [Fact]
    public void Two_models_without_a_usual_name_are_not_chosen_between()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("one.model"), "IQ== 0\n");
        File.WriteAllText(directory.File("two.model"), "IQ== 0\n");
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(directory.Path));
        Assert.Contains("one.model, two.model", error.Message);
    }

    [Fact]
    public void A_model_file_that_is_neither_format_is_refused()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("tokenizer.model"), "PK\u0003\u0004");
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(directory.Path));
        Assert.Contains("tokenizer.model", error.Message);
        Assert.Contains("neither", error.Message);
    }

    [SkippableFact]
    public void Llama_3s_file_is_a_tiktoken_file_with_a_models_name()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllBytes(directory.File("tokenizer.model"), Llama3Like());

        TextTokenizer tokenizer = TextTokenizer.Load(directory.Path);
        TextTokenizer copy = TokenizerKinds.Copy(tokenizer);

        Assert.Equal(128_256, tokenizer.VocabularySize);
        Assert.Equal((128_000, 128_001), (tokenizer.BeginningOfTextId, tokenizer.EndOfTextId));
        Assert.Equal(128_009, tokenizer.SpecialTokens["<|eot_id|>"]);
        TextTokenizer cl100k = TokenizerKinds.Get("cl100k_base.tiktoken");
        Assert.Equal([128_000, .. cl100k.Encode("Hello, 12345 worlds")], tokenizer.EncodeFramed("Hello, 12345 worlds").Ids);
        Assert.Equal(tokenizer.EncodeFramed("Hello").Ids, copy.EncodeFramed("Hello").Ids);
    }

    [SkippableFact]
    public void A_file_beside_it_can_name_its_special_tokens_otherwise()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllBytes(directory.File("tokenizer.model"), Llama3Like());
        File.WriteAllText(
            directory.File("tokenizer_config.json"),
            """{ "added_tokens_decoder": { "128004": { "content": "<|finetune_right_pad_id|>", "special": true } }, "pad_token": "<|finetune_right_pad_id|>" }""");

        TextTokenizer tokenizer = TextTokenizer.Load(directory.Path);

        Assert.Equal(128_004, tokenizer.PaddingId);
        Assert.Equal(128_256, tokenizer.VocabularySize);
    }

    [Fact]
    public void Roles_come_from_each_file_that_states_them_the_first_counting()
    {
        using TemporaryDirectory directory = new();
        BytePairOptions options = new() { VocabularySize = 300, SpecialTokens = ["<a>", "<b>", "<c>", "<d>"] };
        BytePairLearner.Learn([TokenizerTestData.Corpus], options).Save(directory.Path);
        File.WriteAllText(directory.File("tokenizer_config.json"), """{ "bos_token": "<a>" }""");
        File.WriteAllText(directory.File("special_tokens_map.json"), """{ "bos_token": "<b>", "sep_token": { "content": "<b>" } }""");
        File.WriteAllText(directory.File("generation_config.json"), """{ "bos_token_id": 3, "eos_token_id": [2, 3], "pad_token_id": 3 }""");

        TextTokenizer tokenizer = TextTokenizer.Load(directory.Path);

        Assert.Equal((0, 2, 3, 1), (tokenizer.BeginningOfTextId, tokenizer.EndOfTextId, tokenizer.PaddingId, tokenizer.SeparatorId));
        Assert.Null(tokenizer.MaskId);
    }

    /// <summary>cl100k_base filled up to LLaMA 3's number of ranks with tokens that no text gives.</summary>
    private static byte[] Llama3Like()
    {
        StringBuilder lines = new(File.ReadAllText(TokenizerTestData.SharedFile("cl100k_base.tiktoken")));
        for (int rank = 100_256; rank < 128_000; rank++)
        {
            lines.Append(Convert.ToBase64String(Encoding.UTF8.GetBytes($"\u0001{rank}\u0001"))).Append(' ').Append(rank).Append('\n');
        }

        return Encoding.UTF8.GetBytes(lines.ToString());
    }
}
