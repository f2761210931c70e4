namespace MLNetLlm.Models;

/// <summary>A conversation as token ids.</summary>
/// <param name="Ids">The ids.</param>
/// <param name="IsResponse">For each id, whether it belongs to a response of the assistant or ends one: what there is to learn.</param>
public sealed record EncodedChat(int[] Ids, bool[] IsResponse);

/// <summary>
/// Writes conversations as token ids by a template. Special tokens come from the template alone; content is always encoded as
/// ordinary text. Immutable and safe to use from any number of threads.
/// </summary>
public sealed class ChatEncoder
{
    private readonly Dictionary<string, int> specialIds;

    /// <summary>Joins a tokenizer and a template.</summary>
    /// <param name="tokenizer">Must have the template's special tokens.</param>
    /// <param name="template">How conversations are written.</param>
    /// <exception cref="ArgumentException">The template is not valid, or the tokenizer lacks a special token; the message names it.</exception>
    public ChatEncoder(TextTokenizer tokenizer, ChatTemplate template)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(template);
        template.Validate();
        Tokenizer = tokenizer;
        Template = template;
        specialIds = template.SpecialTokens.ToDictionary(
            token => token,
            token => tokenizer.SpecialTokens.TryGetValue(token, out var id) ? id : throw Missing($"the special token '{token}'"),
            StringComparer.Ordinal);
        var ending = template.AfterResponse().ToArray();
        StopIds = new[] { ending.Where(piece => piece.Kind != PieceKind.Text).Select(IdOf).Cast<int?>().FirstOrDefault(), tokenizer.EndOfTextId }
            .OfType<int>().ToHashSet();
        StopStrings = [.. template.StopStrings, .. ending.TakeWhile(piece => piece.Kind == PieceKind.Text).Select(piece => piece.Text)];
    }

    /// <summary>The tokenizer.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>The template.</summary>
    public ChatTemplate Template { get; }

    /// <summary>Ids that end a response.</summary>
    public IReadOnlySet<int> StopIds { get; }

    /// <summary>Texts that end a response, and are no part of it.</summary>
    public IReadOnlyList<string> StopStrings { get; }

    /// <summary>Encodes a conversation.</summary>
    /// <param name="turns">
    /// Perhaps the system's turn, then the user's and the assistant's in turn. If the last is the assistant's, the ids are what
    /// is learned from; if it is the user's, they end where the response is to be written.
    /// </param>
    /// <exception cref="ArgumentException">The turns are in another order, or one is empty.</exception>
    public EncodedChat Encode(IReadOnlyList<ChatTurn> turns)
    {
        var ids = new List<int>();
        var isResponse = new List<bool>();
        var text = "";
        var counts = false;
        foreach (var piece in Template.Pieces(turns))
        {
            // Neighbouring texts are encoded as one, as if the whole had been written first; only a response begins anew, because
            // when one is generated the model has nothing but the prompt's ids either.
            if (piece.IsResponse != counts)
            {
                Flush();
                counts = piece.IsResponse;
            }

            if (piece.Kind is PieceKind.Text or PieceKind.Content)
            {
                text += piece.Text;
                continue;
            }

            Flush();
            ids.Add(IdOf(piece));
            isResponse.Add(counts);
        }

        Flush();
        return new EncodedChat([.. ids], [.. isResponse]);

        void Flush()
        {
            foreach (var id in Tokenizer.Encode(text))
            {
                ids.Add(id);
                isResponse.Add(counts);
            }

            text = "";
        }
    }

    private int IdOf(TemplatePiece piece) => piece.Kind == PieceKind.EndOfText
        ? Tokenizer.EndOfTextId ?? throw Missing("an end-of-text token")
        : specialIds[piece.Text];

    private ArgumentException Missing(string what) =>
        new($"The tokenizer lacks {what}, which the template '{Template.Name}' needs.", "tokenizer");
}
