using Samples;

namespace InstructionTuning;

/// <summary>The instructions of this sample.</summary>
internal static class InstructionData
{
    /// <summary>The 1,100 instructions of the book "Build a Large Language Model (From Scratch)" (Raschka 2024, Apache-2.0).</summary>
    public static PublicFile PublicSet { get; } = new(
        "The instructions",
        "instruction-data.json",
        new Uri("https://raw.githubusercontent.com/rasbt/LLMs-from-scratch/28c65cdfbc3338e2e040016eea4b7fdf556e4d57/ch07/01_main-chapter-code/instruction-data.json"),
        "7e09a9af353722ca15c18bc580f093f9c39d3178335a75177319cb1e1d163944");

    public static SampleData Instructions { get; } = new(PublicSet, "instructions.json");
}
