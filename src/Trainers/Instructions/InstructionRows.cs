using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>A conversation to learn from; its last turn is the assistant's.</summary>
/// <param name="Row">Its row in the data, counted from 0.</param>
/// <param name="Turns">What is said.</param>
internal sealed record InstructionRow(int Row, IReadOnlyList<ChatTurn> Turns);

/// <summary>Reads the conversations to learn from, or to compare responses with, and refuses rows that cannot be used.</summary>
internal static class InstructionRows
{
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or not text.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, or rows lack an instruction or a response; the message names them.</exception>
    /// <exception cref="FormatException">A conversation is malformed; the message names its row.</exception>
    public static IReadOnlyList<InstructionRow> Read(
        IExceptionContext context, IDataView data, InstructionColumns columns, string outputColumn, ChatTemplate template)
    {
        var rows = columns.Conversation is { } conversation
            ? ReadConversations(TextColumn.Read(context, data, conversation), conversation)
            : ReadInstructions(context, data, columns, outputColumn, template);
        if (rows.Count == 0)
        {
            throw new InvalidOperationException($"Column '{columns.Read[0]}': the data has no rows; there is nothing to learn from or to compare with.");
        }

        if (template.System is null && rows.Any(row => row.Turns[0].Role == TurnRole.System))
        {
            throw new InvalidOperationException(
                $"Column '{columns.Read[0]}' has conversations with a system turn, but the template '{template.Name}' has no place for one.");
        }

        return rows;
    }

    private static List<InstructionRow> ReadInstructions(
        IExceptionContext context, IDataView data, InstructionColumns columns, string outputColumn, ChatTemplate template)
    {
        // Every column is looked for before any is read.
        foreach (var name in columns.Read.Append(outputColumn))
        {
            ColumnChecks.Text(context, data.Schema, name);
        }

        var instructions = TextColumn.Read(context, data, columns.Instruction);
        var inputs = columns.Input is { } input ? TextColumn.Read(context, data, input) : null;
        var outputs = TextColumn.Read(context, data, outputColumn);
        RequireNoneEmpty(instructions, columns.Instruction, "instruction");
        RequireNoneEmpty(outputs, outputColumn, "response");
        return instructions.Select((instruction, row) => new InstructionRow(row, template.InstructionTurns(instruction, inputs?[row], outputs[row]))).ToList();
    }

    private static List<InstructionRow> ReadConversations(IReadOnlyList<string> texts, string column) =>
        texts.Select((text, row) =>
        {
            var name = $"Column '{column}', row {row} counted from 0";
            var turns = ConversationJson.Read(text, name);
            return turns[^1].Role == TurnRole.Assistant ? new InstructionRow(row, turns) : throw new FormatException(
                turns.Any(turn => turn.Role == TurnRole.Assistant)
                    ? $"{name}: the last turn must be the assistant's, but is the user's."
                    : $"{name}: there is no assistant turn to learn from.");
        }).ToList();

    private static void RequireNoneEmpty(IReadOnlyList<string> texts, string column, string what)
    {
        var rows = Enumerable.Range(0, texts.Count).Where(row => string.IsNullOrWhiteSpace(texts[row])).ToList();
        if (rows.Count > 0)
        {
            throw new InvalidOperationException(
                $"Column '{column}': {rows.Count} of {texts.Count} rows have no {what}; counted from 0, rows {RowNumbers.Named(rows)}. Give them one, or filter them out.");
        }
    }
}
