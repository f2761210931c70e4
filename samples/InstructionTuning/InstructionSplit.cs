namespace InstructionTuning;

/// <summary>The instructions in three parts that have no instruction in common: duplicates are removed before anything else.</summary>
internal sealed record InstructionSplit(
    IReadOnlyList<InstructionRow> Training, IReadOnlyList<InstructionRow> Validation, IReadOnlyList<InstructionRow> Test, int DuplicatesRemoved)
{
    private const double TrainingShare = 0.85;
    private const double ValidationShare = 0.05;
    private const int FewestRows = 20;

    /// <exception cref="InvalidDataException">There are too few instructions to be split.</exception>
    public static InstructionSplit Create(IReadOnlyList<InstructionRow> rows, int seed)
    {
        var distinct = rows.DistinctBy(row => (row.Instruction, row.Input)).ToArray();
        if (distinct.Length < FewestRows)
        {
            throw new InvalidDataException($"The data has {distinct.Length} different instructions; at least {FewestRows} are needed to train, validate and test.");
        }

        new Random(seed).Shuffle(distinct);
        var trainingEnd = (int)Math.Round(distinct.Length * TrainingShare);
        var validationEnd = (int)Math.Round(distinct.Length * (TrainingShare + ValidationShare));
        return new InstructionSplit(
            distinct[..trainingEnd], distinct[trainingEnd..validationEnd], distinct[validationEnd..], rows.Count - distinct.Length);
    }
}
