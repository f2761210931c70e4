namespace MLNetLlm.Transforms;

/// <summary>Names of the columns of a <see cref="TextClassificationTransformer"/>.</summary>
/// <param name="Text">Input: text.</param>
/// <param name="Label">Input of the training only: Boolean (binary) or key (multiclass).</param>
/// <param name="Score">
/// Output. Binary: Single, the log-odds of the true label. Multiclass: vector of Single, the probability of each class; they sum to 1.
/// </param>
/// <param name="Probability">Output, binary only: Single, the probability of the true label, 0 to 1.</param>
/// <param name="PredictedLabel">Output. Binary: Boolean. Multiclass: key whose values are the class names.</param>
public sealed record TextClassificationColumns(
    string Text = "Text", string Label = "Label", string Score = "Score", string Probability = "Probability", string PredictedLabel = "PredictedLabel");
