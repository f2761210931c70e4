namespace MLNetLlm.Models;

/// <summary>
/// One step from tokens to text, fed token by token: it passes on what no later token can change and keeps the rest. A
/// stage belongs to one run of decoding.
/// </summary>
internal interface IDecodingStage
{
    /// <param name="token">A token as the stage before left it.</param>
    /// <param name="isAdded">Whether it is an added token, which is text already.</param>
    void Push(string token, bool isAdded);

    /// <summary>Passes on what was kept; no token follows.</summary>
    void Complete();
}

/// <summary>Makes the stage that feeds another one.</summary>
internal delegate IDecodingStage DecodingStep(IDecodingStage next);
