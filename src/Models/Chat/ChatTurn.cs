namespace MLNetLlm.Models;

/// <summary>Who speaks in a conversation.</summary>
public enum TurnRole
{
    /// <summary>Says how the assistant is to behave; at most one turn, the first.</summary>
    System,

    /// <summary>Asks.</summary>
    User,

    /// <summary>Answers: the language model.</summary>
    Assistant,
}

/// <summary>What one side says in a conversation.</summary>
/// <param name="Role">Who says it.</param>
/// <param name="Content">What is said: data, in which spellings of special tokens mean nothing.</param>
public sealed record ChatTurn(TurnRole Role, string Content)
{
    /// <summary>A turn that says how the assistant is to behave.</summary>
    public static ChatTurn System(string content) => new(TurnRole.System, content);

    /// <summary>A turn of the user.</summary>
    public static ChatTurn User(string content) => new(TurnRole.User, content);

    /// <summary>A turn of the assistant.</summary>
    public static ChatTurn Assistant(string content) => new(TurnRole.Assistant, content);
}
