using System.Text.RegularExpressions;

namespace Packages.Tokenizers.Tests;

public sealed class PreTokenizerSpecifications
{
    [Fact]
    public void The_ready_made_ones_cut_as_their_names_say()
    {
        const string text = "Don't stop, ok?! 42";

        Assert.Equal(["Don't", "stop,", "ok?!", "42"], Pieces(PreTokenizer.CreateWhiteSpace(), text));
        Assert.Equal(["Don", "'", "t", "stop", ",", "ok", "?!", "42"], Pieces(PreTokenizer.CreateWordOrNonWord(), text));
        Assert.Equal(["Don", "'", "t", "stop", ",", "ok", "?", "!", "42"], Pieces(PreTokenizer.CreateWordOrPunctuation(), text));
        Assert.Same(PreTokenizer.CreateWhiteSpace(), PreTokenizer.CreateWhiteSpace());
    }

    [Fact]
    public void A_special_token_is_a_piece_and_ends_the_text_before_it()
    {
        RegexPreTokenizer preTokenizer = new(new Regex(@"\w+ ?|\s+(?!\S)"), new Dictionary<string, int> { ["<|end|>"] = 1, ["a+b"] = 2 });

        Assert.Equal(["one ", "<|end|>", "two", "a+b", "three"], Pieces(preTokenizer, "one <|end|>twoa+bthree"));
        Assert.Empty(preTokenizer.PreTokenize(""));
        Assert.Throws<ArgumentNullException>(() => new RegexPreTokenizer(null!, null));
    }

    private static IEnumerable<string> Pieces(PreTokenizer preTokenizer, string text)
    {
        IEnumerable<string> pieces = preTokenizer.PreTokenize(text).Select(piece => text.Substring(piece.Item1, piece.Item2)).ToList();
        Assert.Equal(preTokenizer.PreTokenize(text), preTokenizer.PreTokenize(text.AsSpan()));
        return pieces;
    }
}
