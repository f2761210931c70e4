using System.Text;

namespace MLNetLlm.Models;

/// <summary>The text side of a sequence: its tokens become text, in which stop strings end it.</summary>
internal sealed class Continuation(GenerationSequence sequence, TextTokenizer tokenizer)
{
    private readonly TokenStreamDecoder decoder = tokenizer.CreateStreamDecoder(skipSpecialTokens: true, sequence.Prompt);
    private readonly StopStringMatcher stops = new(sequence.Options.StopStrings);
    private readonly StringBuilder text = new();
    private int decoded;
    private int given;

    public GenerationSequence Sequence => sequence;

    /// <summary>Why the text ended; a stop string counts even where the sequence ended with it.</summary>
    public FinishReason? FinishReason => stops.IsMatched ? Models.FinishReason.StopString : sequence.FinishReason;

    /// <summary>Takes over the sequence's new tokens.</summary>
    /// <returns>Whether the text goes on.</returns>
    /// <exception cref="InvalidDataException">The sequence failed.</exception>
    public bool Advance(GenerationEngine engine)
    {
        while (decoded < sequence.NewTokens.Count)
        {
            text.Append(stops.Push(decoder.Push(sequence.NewTokens[decoded++])));
        }

        if (stops.IsMatched)
        {
            engine.Remove(sequence, Models.FinishReason.StopString);
        }
        else if (sequence.IsFinished)
        {
            text.Append(stops.Push(decoder.Flush())).Append(stops.Flush());
        }

        return !sequence.IsFinished;
    }

    /// <summary>The whole text, once it has ended.</summary>
    /// <exception cref="InvalidDataException">The network's scores were no numbers.</exception>
    public GeneratedText ToText() => sequence.Failure is { } failure
        ? throw new InvalidDataException(failure.Message, failure)
        : new GeneratedText(text.ToString(), sequence.NewTokens, FinishReason!.Value, sequence.PromptTokens, sequence.LogProbabilities)
        {
            DroppedPromptTokens = sequence.DroppedPromptTokens,
        };

    /// <summary>What is new since the last chunk; <see langword="null"/> where that is no text and not the end.</summary>
    public GeneratedChunk? TakeChunk()
    {
        var finish = FinishReason;
        if (text.Length == 0 && finish is null)
        {
            return null;
        }

        var chunk = new GeneratedChunk(
            text.ToString(),
            [.. sequence.NewTokens.Skip(given)],
            sequence.LogProbabilities is { } all ? [.. all.Skip(given)] : null,
            finish)
        {
            PromptTokens = sequence.PromptTokens,
            DroppedPromptTokens = sequence.DroppedPromptTokens,
            NewTokens = sequence.NewTokens.Count,
        };
        text.Clear();
        given = sequence.NewTokens.Count;
        return chunk;
    }
}
