using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace MLNetLlm.Models.Tests.Tokenization;

/// <summary>Random texts of words and symbols from many scripts, and of anything else that UTF-16 can hold.</summary>
internal static class TokenizerTexts
{
    private static readonly string[] Words =
    [
        "hello", "Hello", "world", "The", "house", "is", "wonderful", "unaffable", "tokenization", "don't", "it's", "e.g.", "3.14", "12345", "A1b2", "x",
        "naïve", "café", "Zürich", "Ü", "İstanbul", "ñandú", "œuvre", "straße", "Привет", "мир", "київ", "你好", "世界", "東京", "カタカナ", "がんばって", "한국어",
        "مرحبا", "שלום", "हिन्दी", "ไทย", "ﬁne", "①", "½", "Ⅳ", "😀", "👩‍👩‍👧", "🏳️‍🌈", "e\u0301", "a\u0323\u0302", "\u0301", "\u200B", "\u00AD", "\uFEFF", "\u0000", "\u0007", "\u0085",
        "<s>", "</s>", "<unk>", "<0x0A>", "[CLS]", "[MASK]", "[UNK]", "##ing", "▁", "▁▁the", "<extra_id_0>", "\\", "$9.99", "a_b", "~~~", "``quoted''", "#!/bin/sh", "===", "!!!!", "aaaaaaa",
    ];

    private static readonly string[] Gaps = [" ", " ", " ", "", "  ", "\n", "\t", "\r\n", "   ", "\u00A0", "\u3000", ",", ".", "-"];

    private static readonly Gen<string> Phrases =
        Gen.Elements(Words).SelectMany(word => Gen.Elements(Gaps).Select(gap => word + gap)).ListOf().Select(string.Concat);

    private static readonly Gen<string> AnyCharacters =
        Gen.OneOf(Gen.Choose(0, 0x7F), Gen.Choose(0, 0x24FF), Gen.Choose(0, 0xFFFF), Gen.Choose(0x10000, 0x10FFFF))
            .Where(Rune.IsValid)
            .ListOf()
            .Select(points => string.Concat(points.Select(point => new Rune(point).ToString())));

    private static readonly Gen<string> AnyUnits = Gen.OneOf(Gen.Choose(0xD800, 0xDFFF), Gen.Choose(' ', 'z')).ListOf()
        .Select(units => string.Concat(units.Select(unit => (char)unit)));

    public static Arbitrary<string> OfWords => Phrases.ToArbitrary();

    public static Arbitrary<string> OfAnything => Gen.OneOf(Phrases, AnyCharacters, AnyUnits).ToArbitrary();
}
