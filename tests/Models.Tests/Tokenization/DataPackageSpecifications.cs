using Microsoft.ML.Tokenizers;

namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class DataPackageSpecifications
{
    [SkippableTheory]
    [InlineData("gpt2")]
    [InlineData("text-davinci-003")]
    [InlineData("gpt-4")]
    [InlineData("gpt-4o")]
    public void A_tokenizer_made_for_a_model_is_taken_over_with_its_ids(string model)
    {
        TiktokenTokenizer package = CreateForModel(model);

        TextTokenizer tokenizer = TextTokenizer.From(package);

        string text = TokenizerTestData.Corpus + "\n    def f(x):\n\treturn x * 3.14159  # 1,000,000\n";
        Assert.Equal(package.EncodeToIds(text), tokenizer.Encode(text));
        Assert.Equal(package.SpecialTokens, tokenizer.SpecialTokens);
        Assert.Equal(package.SpecialTokens!["<|endoftext|>"], tokenizer.EndOfTextId);
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        Assert.Equal(
            tokenizer.Encode(text),
            TextTokenizer.Read(new MemoryStream(TokenizerTestData.Written(tokenizer)), "copy").Encode(text));
    }

    [SkippableFact]
    public void Special_tokens_that_were_added_come_along()
    {
        CreateForModel("gpt2");
        TiktokenTokenizer package = TiktokenTokenizer.CreateForModel("gpt2", new Dictionary<string, int> { ["<pad>"] = 50_257 });

        TextTokenizer tokenizer = TextTokenizer.From(package);

        Assert.Equal(50_257, tokenizer.PaddingId);
        Assert.Equal(50_258, tokenizer.VocabularySize);
    }

    [Fact]
    public void A_tokenizer_whose_vocabulary_cannot_be_found_is_refused_with_what_to_do()
    {
        BpeTokenizer other = BpeTokenizer.Create(new BpeOptions(new Dictionary<string, int> { ["a"] = 0 }));
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => TextTokenizer.From(other));
        Assert.Contains("BpeTokenizer", error.Message);
        Assert.Contains("TextTokenizer.Load", error.Message);

        TiktokenTokenizer unknown = TiktokenTokenizer.Create(
            new MemoryStream("IQ== 0\nIg== 1\n"u8.ToArray()), null, null, new Dictionary<string, int> { ["<|endoftext|>"] = 2 });
        Assert.Throws<NotSupportedException>(() => TextTokenizer.From(unknown));
    }

    private static TiktokenTokenizer CreateForModel(string model)
    {
        try
        {
            return TiktokenTokenizer.CreateForModel(model);
        }
        catch (InvalidOperationException exception)
        {
            throw new SkipException(exception.Message);
        }
    }
}
