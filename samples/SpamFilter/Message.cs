namespace SpamFilter;

/// <summary>One row of data: a text message and whether it is spam.</summary>
public sealed class Message
{
    public string Text { get; set; } = "";

    public bool Label { get; set; }
}

/// <summary>One row of predictions: the columns that the trained filter adds.</summary>
public sealed class Verdict
{
    public bool PredictedLabel { get; set; }

    public float Probability { get; set; }
}
