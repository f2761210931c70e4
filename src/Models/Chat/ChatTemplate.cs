namespace MLNetLlm.Models;

/// <summary>
/// How a conversation is written for a language model: the text around each role's turns, the special tokens in it, and what
/// ends a response. Immutable; start from a preset (<c>ChatTemplate.ChatML with { DefaultSystemPrompt = "..." }</c>) or give
/// all texts yourself.
/// </summary>
/// <remarks>
/// <para>Each role's text holds <c>{content}</c> once, where the turn's own text goes; for <see cref="Assistant"/> that is the
/// response. <c>{end_of_text}</c> stands for the tokenizer's end-of-text token, whatever its spelling.</para>
/// <para>Only the template's own special tokens become token ids of their own. A turn's content is data: a special token spelled
/// in it stays ordinary text, so nobody can forge a turn with it. Templates whose marks are plain text (Alpaca) cannot tell
/// their marks from the same words in the content.</para>
/// </remarks>
public sealed partial record ChatTemplate
{
    /// <summary>Stands where a turn's text goes.</summary>
    public const string ContentSlot = "{content}";

    /// <summary>Stands for the tokenizer's end-of-text token.</summary>
    public const string EndOfTextSlot = "{end_of_text}";

    /// <summary>Name in messages and reports.</summary>
    public required string Name { get; init; }

    /// <summary>Text before the first turn.</summary>
    public string Beginning { get; init; } = "";

    /// <summary>The system's turn; <see langword="null"/> if the template knows none.</summary>
    public string? System { get; init; }

    /// <summary>The user's turn.</summary>
    public required string User { get; init; }

    /// <summary>The assistant's turn; what follows <c>{content}</c> ends a response, and is learned with it.</summary>
    public required string Assistant { get; init; }

    /// <summary>The system's turn where a conversation has none; <see langword="null"/> leaves it out.</summary>
    public string? DefaultSystemPrompt { get; init; }

    /// <summary>The same for an instruction with an input; <see langword="null"/> is <see cref="DefaultSystemPrompt"/>.</summary>
    public string? DefaultSystemPromptWithInput { get; init; }

    /// <summary>Stands between an instruction and its input in the user's turn.</summary>
    public string InputSeparator { get; init; } = "\n\n";

    /// <summary>The special tokens in the template's texts; the tokenizer gets those that it lacks.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>Texts that end a response besides what follows it in the template; a response is cut before them.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Whether white space around a turn's content is left out.</summary>
    public bool TrimsContent { get; init; }

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A text lacks its slot, or a setting contradicts another; the message names it.</exception>
    public void Validate()
    {
        Check(!string.IsNullOrWhiteSpace(Name), nameof(Name), "must not be empty");
        Check(Beginning is not null && !Beginning.Contains(ContentSlot, StringComparison.Ordinal), nameof(Beginning), $"must not contain '{ContentSlot}'");
        Check(HasOneSlot(Assistant), nameof(Assistant), $"must contain the response slot '{ContentSlot}' once, but is '{Assistant}'");
        Check(HasOneSlot(User), nameof(User), $"must contain '{ContentSlot}' once, but is '{User}'");
        Check(System is null || HasOneSlot(System), nameof(System), $"must contain '{ContentSlot}' once, but is '{System}'");
        Check(
            !Assistant.EndsWith(ContentSlot, StringComparison.Ordinal), nameof(Assistant),
            $"must have something after '{ContentSlot}' that ends a response, for example '{EndOfTextSlot}', but is '{Assistant}'");
        Check(
            System is not null || (DefaultSystemPrompt is null && DefaultSystemPromptWithInput is null),
            nameof(DefaultSystemPrompt), $"needs the text {nameof(System)}, which is missing");
        Check(InputSeparator is not null, nameof(InputSeparator), "must not be null");
        CheckSpecialTokens();
        Check(StopStrings is not null && StopStrings.All(text => !string.IsNullOrEmpty(text)), nameof(StopStrings), "must not be empty texts");
    }

    /// <summary>The turns of an instruction, its input and, for training, its response, as this template has them.</summary>
    /// <param name="instruction">What to do.</param>
    /// <param name="input">What to do it with; empty or <see langword="null"/> if the instruction needs nothing else.</param>
    /// <param name="response">The response, or <see langword="null"/> to have one written.</param>
    public IReadOnlyList<ChatTurn> InstructionTurns(string instruction, string? input = null, string? response = null)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        var turns = new List<ChatTurn>(3);
        var hasInput = !string.IsNullOrWhiteSpace(input);
        if (hasInput && DefaultSystemPromptWithInput is { } prompt)
        {
            turns.Add(ChatTurn.System(prompt));
        }

        turns.Add(ChatTurn.User(hasInput ? instruction + InputSeparator + input : instruction));
        if (response is not null)
        {
            turns.Add(ChatTurn.Assistant(response));
        }

        return turns;
    }

    /// <summary>A conversation as the model sees it, as text, to look at; models are given ids by <see cref="ChatEncoder"/>.</summary>
    /// <param name="turns">Perhaps the system's turn, then the user's and the assistant's in turn. After a user's turn the assistant's is begun.</param>
    /// <param name="endOfText">How the end-of-text token is spelled.</param>
    /// <exception cref="ArgumentException">The turns are in another order, or the template has no place for the system's.</exception>
    public string Render(IReadOnlyList<ChatTurn> turns, string endOfText = "<|endoftext|>") =>
        string.Concat(Pieces(turns).Select(piece => piece.Kind == PieceKind.EndOfText ? endOfText : piece.Text));

    /// <summary>
    /// A conversation in pieces. After a user's turn at the end the assistant's is begun, up to where the response goes.
    /// </summary>
    internal IEnumerable<TemplatePiece> Pieces(IReadOnlyList<ChatTurn> turns)
    {
        ArgumentNullException.ThrowIfNull(turns);
        if (Conversation.OrderProblem(turns) is { } problem)
        {
            throw new ArgumentException($"The conversation cannot be used: {problem}.", nameof(turns));
        }

        if (turns[0].Role == TurnRole.System && System is null)
        {
            throw new ArgumentException($"The conversation has a system turn, but the template '{Name}' has no place for one.", nameof(turns));
        }

        IEnumerable<ChatTurn> all = turns[0].Role != TurnRole.System && DefaultSystemPrompt is { } prompt
            ? turns.Prepend(ChatTurn.System(prompt))
            : turns;
        var pieces = TemplateText.Parse(Beginning, SpecialTokens).Concat(all.SelectMany(Pieces));
        return turns[^1].Role == TurnRole.User ? pieces.Concat(TemplateText.Parse(Assistant, SpecialTokens).TakeWhile(piece => piece.Kind != PieceKind.Content)) : pieces;
    }

    /// <summary>Whether the template needs a tokenizer with an end-of-text token.</summary>
    internal bool UsesEndOfText => new[] { Beginning, System, User, Assistant }.Any(text => text?.Contains(EndOfTextSlot, StringComparison.Ordinal) == true);

    /// <summary>What follows the response in the assistant's turn.</summary>
    internal IEnumerable<TemplatePiece> AfterResponse() =>
        TemplateText.Parse(Assistant, SpecialTokens).SkipWhile(piece => piece.Kind != PieceKind.Content).Skip(1);

    private IEnumerable<TemplatePiece> Pieces(ChatTurn turn)
    {
        var text = turn.Role switch { TurnRole.System => System!, TurnRole.User => User, _ => Assistant };
        // The response counts, and what ends it: up to the first special token, or all where there is none.
        var counts = false;
        foreach (var piece in TemplateText.Parse(text, SpecialTokens))
        {
            if (piece.Kind == PieceKind.Content)
            {
                counts = turn.Role == TurnRole.Assistant;
                yield return piece with { Text = TrimsContent ? turn.Content.Trim() : turn.Content, IsResponse = counts };
            }
            else
            {
                yield return piece with { IsResponse = counts };
                counts &= piece.Kind == PieceKind.Text;
            }
        }
    }

    private void CheckSpecialTokens()
    {
        Check(SpecialTokens is not null, nameof(SpecialTokens), "must not be null");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var token in SpecialTokens!)
        {
            Check(token is { Length: > 1 }, nameof(SpecialTokens), $"must have two characters or more each, but one is '{token}'");
            Check(seen.Add(token), nameof(SpecialTokens), $"must all be different, but '{token}' is there twice");
            Check(
                new[] { Beginning, System, User, Assistant }.Any(text => text?.Contains(token, StringComparison.Ordinal) == true),
                nameof(SpecialTokens), $"must occur in the template's texts, but '{token}' does not");
        }
    }

    private static bool HasOneSlot(string? text) =>
        text is not null && text.Split(ContentSlot).Length == 2;

    private void Check(bool holds, string setting, string problem)
    {
        if (!holds)
        {
            throw new ArgumentException($"ChatTemplate '{Name}': {setting} {problem}.", setting);
        }
    }
}
