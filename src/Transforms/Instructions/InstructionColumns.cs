using Microsoft.ML.Data;

namespace MLNetLlm.Transforms;

/// <summary>
/// Names of the columns of an <see cref="InstructionTransformer"/>: an instruction, perhaps with an input, or a whole
/// conversation, and the response.
/// </summary>
/// <param name="Instruction">Input, text: what to do.</param>
/// <param name="Input">Input, text: what to do it with; <see langword="null"/> without such a column. Rows may leave it empty.</param>
/// <param name="Conversation">
/// Input, text in place of both: the turns so far, as <see cref="MLNetLlm.Models.ConversationJson"/> writes them. Where the last turn is the
/// assistant's, as in training data, it is not looked at: the response answers the user's last turn.
/// </param>
/// <param name="Response">Output, text: what the model answers.</param>
public sealed record InstructionColumns(
    string Instruction = "Instruction", string? Input = null, string? Conversation = null, string Response = "Response")
{
    /// <summary>The text columns that are read.</summary>
    internal IReadOnlyList<string> Read => Conversation is not null ? [Conversation] : Input is not null ? [Instruction, Input] : [Instruction];

    internal IReadOnlyList<OutputColumn> Outputs => [new(Response, TextDataViewType.Instance)];
}
