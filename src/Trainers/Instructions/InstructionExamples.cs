using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>An example to learn from: what the model reads, and at each position the id that it is to predict, or -100.</summary>
internal sealed record InstructionExample(int[] Inputs, long[] Targets);

/// <summary>Turns conversations into examples of at most a number of tokens, and reports what did not fit.</summary>
internal static class InstructionExamples
{
    /// <param name="rows">Conversations.</param>
    /// <param name="encoder">Writes them as ids.</param>
    /// <param name="maximumTokens">Most tokens of an example.</param>
    /// <param name="options">What of them is learned, and what happens to longer ones.</param>
    /// <param name="part">What the rows are for, in messages.</param>
    /// <param name="channel">Gets a warning where rows were cut or left out.</param>
    /// <exception cref="InvalidOperationException">A row is too long and that is refused, or no row is left; the message names what to change.</exception>
    public static IReadOnlyList<InstructionExample> Create(
        IReadOnlyList<InstructionRow> rows, ChatEncoder encoder, int maximumTokens, InstructionTuningOptions options, string part, IChannel channel)
    {
        var examples = new List<InstructionExample>(rows.Count);
        var tooLong = new List<int>();
        var left = 0;
        var longest = 0;
        foreach (var (row, turns) in rows)
        {
            var chat = WithoutTail(encoder.Encode(turns));
            longest = Math.Max(longest, chat.Ids.Length);
            if (chat.Ids.Length > maximumTokens)
            {
                tooLong.Add(row);
                chat = Cut(chat, maximumTokens);
                if (options.LongExamples == LongExamples.Drop || !chat.IsResponse.Contains(true))
                {
                    left++;
                    continue;
                }
            }

            examples.Add(ToExample(chat, options.LearnsPrompt));
        }

        if (tooLong.Count > 0)
        {
            var problem = $"{tooLong.Count} of {rows.Count} {part} rows need more than {maximumTokens} tokens (the longest {longest})";
            if (options.LongExamples == LongExamples.Refuse || examples.Count == 0)
            {
                throw new InvalidOperationException(
                    $"{problem}; counted from 0, rows {RowNumbers.Named(tooLong)}. "
                    + "Shorten or leave them out, raise MaximumTokens, use a model with a longer context, or choose LongExamples.Drop or Truncate.");
            }

            channel.Warning($"{problem}: {tooLong.Count - left} were cut, {left} were left out.");
        }

        return examples;
    }

    // After the last response there is nothing to learn.
    private static EncodedChat WithoutTail(EncodedChat chat) => Cut(chat, Array.LastIndexOf(chat.IsResponse, true) + 1);

    private static EncodedChat Cut(EncodedChat chat, int length) => new(chat.Ids[..length], chat.IsResponse[..length]);

    private static InstructionExample ToExample(EncodedChat chat, bool learnsPrompt)
    {
        var targets = new long[chat.Ids.Length - 1];
        for (var position = 0; position < targets.Length; position++)
        {
            targets[position] = learnsPrompt || chat.IsResponse[position + 1] ? chat.Ids[position + 1] : LanguageModelLoss.Ignored;
        }

        return new InstructionExample(chat.Ids[..^1], targets);
    }
}
