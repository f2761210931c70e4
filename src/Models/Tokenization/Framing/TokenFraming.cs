namespace MLNetLlm.Models;

/// <summary>The special tokens around one text or two: what the <c>post_processor</c> of a <c>tokenizer.json</c> describes.</summary>
internal sealed class TokenFraming
{
    private const string Supported = "one of Sequence, BertProcessing, ByteLevel, RobertaProcessing, TemplateProcessing";

    private static readonly Part First = new(0, [], 0);
    private static readonly Part Second = new(1, [], 1);

    private readonly IReadOnlyList<Part> _single;
    private readonly IReadOnlyList<Part> _pair;

    private TokenFraming(IReadOnlyList<Part> single, IReadOnlyList<Part> pair)
    {
        _single = single;
        _pair = pair;
    }

    /// <summary>Whether a single text gets any special token.</summary>
    public bool AddsTokens => _single.Any(part => part.Text is null);

    /// <summary>The special tokens that stand before a single text.</summary>
    public IEnumerable<int> BeforeText => _single.TakeWhile(part => part.Text is null).SelectMany(part => part.Ids);

    public static TokenFraming Read(JsonSection section)
    {
        TokenFraming framing = new([First], [First, Second]);
        foreach (JsonSection step in section.Steps("processors"))
        {
            framing = step.Type switch
            {
                // Concerns the places of tokens in the text, not the tokens.
                "ByteLevel" => framing,
                "BertProcessing" => Bert(step),
                "RobertaProcessing" => Roberta(step),
                "TemplateProcessing" => Template(step),
                _ => throw step.NotSupported("type", Supported),
            };
        }

        return framing;
    }

    public FramedTokens Frame(IReadOnlyList<int> first, IReadOnlyList<int>? second)
    {
        List<int> ids = [];
        List<int> types = [];
        foreach (Part part in second is null ? _single : _pair)
        {
            IReadOnlyList<int> own = part.Text switch
            {
                null => part.Ids,
                0 => first,
                _ => second ?? [],
            };
            ids.AddRange(own);
            types.AddRange(Enumerable.Repeat(part.Type, own.Count));
        }

        return new FramedTokens(ids.ToArray(), types.ToArray());
    }

    private static TokenFraming Bert(JsonSection step)
    {
        (int separator, int classifier) = (TokenAndId(step, "sep"), TokenAndId(step, "cls"));
        Part[] single = [new(null, [classifier], 0), First, new(null, [separator], 0)];
        return new TokenFraming(single, [.. single, Second, new(null, [separator], 1)]);
    }

    private static TokenFraming Roberta(JsonSection step)
    {
        (int separator, int classifier) = (TokenAndId(step, "sep"), TokenAndId(step, "cls"));
        Part[] single = [new(null, [classifier], 0), First, new(null, [separator], 0)];
        return new TokenFraming(single, [.. single, new(null, [separator], 0), Second with { Type = 0 }, new(null, [separator], 0)]);
    }

    private static int TokenAndId(JsonSection step, string name)
    {
        JsonSection pair = step.Required(name, "a token and its id");
        return pair.AsItems().ToList() is [_, JsonSection id] ? id.AsNumber() : throw pair.Expected("a token and its id");
    }

    private static TokenFraming Template(JsonSection step)
    {
        List<Part> single = step.Items("single").Select(part => ReadPart(part, step)).ToList();
        List<Part> pair = step.Find("pair") is null ? [First, Second] : step.Items("pair").Select(part => ReadPart(part, step)).ToList();
        return new TokenFraming(single, pair);
    }

    private static Part ReadPart(JsonSection part, JsonSection step)
    {
        if (part.Find("Sequence") is JsonSection sequence)
        {
            string name = sequence.Text("id");
            int text = name switch
            {
                "A" => 0,
                "B" => 1,
                _ => throw sequence.Expected("a sequence with the id 'A' or 'B'"),
            };
            return new Part(text, [], sequence.Number("type_id", 0));
        }

        JsonSection special = part.Find("SpecialToken") ?? throw part.Expected("an object with 'Sequence' or 'SpecialToken'");
        JsonSection token = step.Required("special_tokens", "an object").Required(special.Text("id"), "the special token's ids");
        return new Part(null, token.Items("ids").Select(id => id.AsNumber()).ToArray(), special.Number("type_id", 0));
    }

    /// <param name="Text">Which text stands here, 0 or 1; null for special tokens.</param>
    private sealed record Part(int? Text, IReadOnlyList<int> Ids, int Type);
}
