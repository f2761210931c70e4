using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class TokenizerKindSpecifications
{
    [Theory]
    [MemberData(nameof(TokenizerKinds.Made), MemberType = typeof(TokenizerKinds))]
    public void Any_text_has_the_same_ids_after_saving_and_loading(string kind) => AssertSameAfterSaving(TokenizerKinds.Get(kind));

    [SkippableTheory]
    [MemberData(nameof(TokenizerKinds.Published), MemberType = typeof(TokenizerKinds))]
    public void Any_text_has_the_same_ids_in_a_saved_published_tokenizer(string name) => AssertSameAfterSaving(TokenizerKinds.Get(name));

    [Theory]
    [MemberData(nameof(TokenizerKinds.Made), MemberType = typeof(TokenizerKinds))]
    public void A_stream_gives_the_text_of_all_ids_and_never_half_a_character(string kind) => AssertStreams(TokenizerKinds.Get(kind));

    [SkippableTheory]
    [MemberData(nameof(TokenizerKinds.Published), MemberType = typeof(TokenizerKinds))]
    public void A_stream_of_a_published_tokenizer_does_so_too(string name) => AssertStreams(TokenizerKinds.Get(name));

    [Theory]
    [MemberData(nameof(TokenizerKinds.Made), MemberType = typeof(TokenizerKinds))]
    public void A_saved_directory_loads_again(string kind)
    {
        using TemporaryDirectory directory = new();
        TextTokenizer tokenizer = TokenizerKinds.Get(kind);
        tokenizer.Save(directory.Path);

        TextTokenizer loaded = TextTokenizer.Load(directory.Path);

        Assert.Equal(TokenizerTestData.Written(tokenizer), TokenizerTestData.Written(loaded));
        Assert.Equal(tokenizer.EncodeFramed("hello the", "world").Ids, loaded.EncodeFramed("hello the", "world").Ids);
    }

    [Fact]
    public void Texts_come_back_as_far_as_each_kind_keeps_them()
    {
        TextTokenizer characters = TokenizerKinds.Get("characters");
        Prop.ForAll(TokenizerTexts.OfAnything, text =>
        {
            string valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            Assert.Equal(valid.Replace('▁', ' '), characters.Decode(characters.Encode(text)));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Dropout_keeps_the_text_of_character_pairs_and_is_refused_where_there_are_no_merges()
    {
        TextTokenizer characters = TokenizerKinds.Get("characters");
        int[] all = characters.EncodeWithDropout("hello the hello", 1, new Random(1));
        Assert.Equal("▁hello▁the▁hello".Length, all.Length);
        Assert.Equal("hello the hello", characters.Decode(all));
        foreach (string kind in new[] { "word-piece", "unigram" })
        {
            NotSupportedException error = Assert.Throws<NotSupportedException>(() => TokenizerKinds.Get(kind).EncodeWithDropout("hello", 0.1, new Random(1)));
            Assert.Contains("'BPE'", error.Message);
        }
    }

    [Fact]
    public void A_stream_knows_what_stood_before_it()
    {
        TextTokenizer characters = TokenizerKinds.Get("characters");
        int[] prompt = characters.EncodeFramed("hello").Ids;
        int the = characters.Encode("the").Single();
        Assert.Equal("the", characters.CreateStreamDecoder().Push(the));
        Assert.Equal(" the", characters.CreateStreamDecoder(precedingIds: prompt).Push(the));
    }

    [Fact]
    public void Bytes_of_a_character_wait_for_each_other_and_are_replaced_when_none_follows()
    {
        TextTokenizer characters = TokenizerKinds.Get("characters");
        int[] emoji = characters.Encode("😀")[1..];
        TokenStreamDecoder stream = characters.CreateStreamDecoder();
        Assert.Equal(["", "", "", "😀"], emoji.Select(stream.Push));
        Assert.Equal("", stream.Push(emoji[0]));
        Assert.Equal("\uFFFD", stream.Flush());
    }

    [Fact]
    public void Unknown_keys_of_the_file_survive()
    {
        JsonNode json = JsonNode.Parse(TokenizerTestData.Written(TokenizerKinds.Get("unigram")))!;
        json["house_rules"] = new JsonObject { ["speak"] = "softly" };
        json["padding"] = new JsonObject { ["strategy"] = "BatchLongest", ["pad_id"] = 1 };
        json["model"]!["vintage"] = 1979;
        json["normalizer"]!["comment"] = "unchanged";

        JsonNode written = JsonNode.Parse(TokenizerTestData.Written(TokenizerKinds.Read(json.ToJsonString())))!;

        Assert.True(JsonNode.DeepEquals(json, written), written.ToJsonString());
    }

    [Fact]
    public void Long_texts_without_a_space_take_no_longer_than_they_should()
    {
        string text = string.Concat(Enumerable.Range(0, 400_000).Select(index => "helot"[(index * 7) % 5]));
        foreach (string kind in new[] { "byte-level", "word-piece", "unigram", "unigram-bytes", "characters" })
        {
            Assert.NotEmpty(TokenizerKinds.Get(kind).Encode(text));
            Assert.Equal(kind == "word-piece", TokenizerKinds.Get(kind).Encode(new string('\u0301', 200_000)).Length == 0);
            Assert.NotEmpty(TokenizerKinds.Get(kind).Encode(new string('▁', 200_000)));
        }
    }

    private static void AssertSameAfterSaving(TextTokenizer tokenizer)
    {
        TextTokenizer copy = TokenizerKinds.Copy(tokenizer);
        Assert.Equal(TokenizerTestData.Written(tokenizer), TokenizerTestData.Written(copy));
        Assert.Equal(tokenizer.VocabularySize, copy.VocabularySize);
        Assert.Equal(
            (tokenizer.BeginningOfTextId, tokenizer.EndOfTextId, tokenizer.PaddingId, tokenizer.MaskId, tokenizer.ClassifierId, tokenizer.SeparatorId, tokenizer.UnknownId),
            (copy.BeginningOfTextId, copy.EndOfTextId, copy.PaddingId, copy.MaskId, copy.ClassifierId, copy.SeparatorId, copy.UnknownId));
        Prop.ForAll(TokenizerTexts.OfAnything, text =>
        {
            Assert.Equal(tokenizer.Encode(text), copy.Encode(text));
            Assert.Equal(tokenizer.Encode(text, allowSpecialTokens: true), copy.Encode(text, allowSpecialTokens: true));
            FramedTokens framed = tokenizer.EncodeFramed(text, "hello");
            Assert.Equal(framed.Ids, copy.EncodeFramed(text, "hello").Ids);
            Assert.Equal(framed.TokenTypeIds, copy.EncodeFramed(text, "hello").TokenTypeIds);
            Assert.Equal(tokenizer.Decode(framed.Ids), copy.Decode(framed.Ids));
            Assert.All(framed.Ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
        }).QuickCheckThrowOnFailure();
    }

    private static void AssertStreams(TextTokenizer tokenizer)
    {
        Gen<int[]> ids = Gen.OneOf(
            TokenizerTexts.OfAnything.Generator.Select(text => tokenizer.EncodeFramed(text).Ids),
            Gen.Choose(0, tokenizer.VocabularySize).ListOf().Select(list => list.ToArray()),
            Gen.Choose(0, Math.Min(300, tokenizer.VocabularySize)).ListOf().Select(list => list.ToArray()));
        Prop.ForAll(ids.ToArbitrary(), Gen.Elements(false, true).ToArbitrary(), (tokens, skip) =>
        {
            TokenStreamDecoder stream = tokenizer.CreateStreamDecoder(skip);
            List<string> parts = [.. tokens.Select(stream.Push), stream.Flush()];
            Assert.Equal(tokenizer.Decode(tokens, skip), string.Concat(parts));
            Assert.All(parts, part => Assert.False(part.Length > 0 && (char.IsLowSurrogate(part[0]) || char.IsHighSurrogate(part[^1]))));
        }).QuickCheckThrowOnFailure();
    }
}
