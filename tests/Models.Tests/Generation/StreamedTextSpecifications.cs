using System.Text;

namespace MLNetLlm.Models.Tests.Generation;

/// <summary>Text given out piece by piece: whole characters, and nothing of a stop string.</summary>
public class StreamedTextSpecifications
{
    [Fact]
    public async Task HalfACharacterIsNeverGivenOut()
    {
        var ids = Encoding.UTF8.GetBytes("aé€😀b").Select(ByteToken).ToArray();
        var pieces = await Pieces(ids, new GenerationOptions { MaximumNewTokens = ids.Length });
        Assert.Equal(["a", "é", "€", "😀", "b"], pieces);
    }

    [Fact]
    public async Task BytesThatAreNoCharacterBecomeReplacementCharacters()
    {
        var ids = Encoding.UTF8.GetBytes("😀")[..3].Select(ByteToken).ToArray();
        Assert.Equal("\uFFFD", string.Concat(await Pieces(ids, new GenerationOptions { MaximumNewTokens = 3 })));
        int[] broken = [ByteToken(0xE2), ByteToken((byte)'x')];
        Assert.Equal("\uFFFDx", string.Concat(await Pieces(broken, new GenerationOptions { MaximumNewTokens = 2 })));
    }

    [Fact]
    public async Task WhatMayBecomeAStopStringIsHeldBack()
    {
        var ids = Encoding.UTF8.GetBytes("xENxENDy").Select(ByteToken).ToArray();
        var pieces = await Pieces(ids, new GenerationOptions { MaximumNewTokens = ids.Length, StopStrings = ["END"] });
        Assert.Equal(["x", "ENx", ""], pieces);
    }

    [Fact]
    public async Task HeldBackTextComesWhenTheTextEndsOtherwise()
    {
        var ids = Encoding.UTF8.GetBytes("xEN").Select(ByteToken).ToArray();
        Assert.Equal(["x", "EN"], await Pieces(ids, new GenerationOptions { MaximumNewTokens = 3, StopStrings = ["END", "ENTER"] }));
    }

    [Fact]
    public void TheEarliestStopStringEndsTheTextEvenInsideAToken()
    {
        using var template = TestNetworks.CreateLanguageModel();
        var cat = template.Tokenizer.Encode("the cat");
        using var model = GenerationData.Scripted([.. cat, .. cat]);
        var text = new TextGenerator(model).Generate([1], new GenerationOptions { MaximumNewTokens = 2 * cat.Length, StopStrings = ["cat", "he c"] });
        Assert.Equal(("t", FinishReason.StopString), (text.Text, text.FinishReason));
    }

    [Fact]
    public void AStopStringInTheLastTokenCountsMoreThanTheLength()
    {
        using var model = GenerationData.Scripted([.. Encoding.UTF8.GetBytes("abc").Select(ByteToken)]);
        var text = new TextGenerator(model).Generate([1], new GenerationOptions { MaximumNewTokens = 3, StopStrings = ["c"] });
        Assert.Equal(("ab", FinishReason.StopString), (text.Text, text.FinishReason));
    }

    private static int ByteToken(byte value)
    {
        using var template = TestNetworks.CreateLanguageModel();
        return Enumerable.Range(0, 300).First(id => template.Tokenizer.TokenOf(id) == ByteSpelling(value));
    }

    // GPT-2's table: printable Latin-1 characters stand for themselves, the other values for U+0100 and up in their order.
    private static string ByteSpelling(byte value)
    {
        static bool IsPrintable(int character) => character is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
        return IsPrintable(value) ? ((char)value).ToString() : ((char)(0x100 + Enumerable.Range(0, value).Count(other => !IsPrintable(other)))).ToString();
    }

    private static async Task<List<string>> Pieces(int[] script, GenerationOptions options)
    {
        using var model = GenerationData.Scripted(script);
        var pieces = new List<string>();
        await foreach (var chunk in new TextGenerator(model).StreamAsync([1], options))
        {
            pieces.Add(chunk.Text);
        }

        return pieces;
    }
}
