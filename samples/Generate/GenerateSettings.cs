using MLNetLlm.Models;

namespace Generate;

/// <summary>What the command line asked for.</summary>
/// <param name="Checkpoint">A directory or a name on the hub; <see langword="null"/> takes one that another sample made.</param>
/// <param name="Prompt">How the text begins; <see langword="null"/> takes what is piped in.</param>
/// <param name="Chat">Whether there is a conversation.</param>
/// <param name="Template">How prompts are put to the model; <see langword="null"/> continues them.</param>
/// <param name="SystemPrompt">How the assistant is to behave.</param>
/// <param name="Generation">How text is written.</param>
/// <param name="Revision">On the hub.</param>
/// <param name="Offline">Whether the network is not used.</param>
/// <param name="Device">Where to compute.</param>
/// <param name="Precision">Number type of the products.</param>
internal sealed record GenerateSettings(
    string? Checkpoint, string? Prompt, bool Chat, ChatTemplate? Template, string? SystemPrompt,
    GenerationOptions Generation, string Revision, bool Offline, string Device, Precision Precision);
