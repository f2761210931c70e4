using Microsoft.ML;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Instructions;

/// <summary>A handful of instructions, and a network small enough to learn them by heart in seconds.</summary>
internal static class Tasks
{
    public static readonly Row[] Rows =
    [
        new() { Instruction = "Name the capital.", Input = "France", Output = "Paris" },
        new() { Instruction = "Name the capital.", Input = "Italy", Output = "Rome" },
        new() { Instruction = "What colour is the sky?", Output = "The sky is blue." },
        new() { Instruction = "Say hello.", Output = "Hello! How are you?" },
        new() { Instruction = "Add the numbers.", Input = "2 and 3", Output = "5" },
        new() { Instruction = "Spell it backwards.", Input = "café", Output = "éfac" },
    ];

    public static readonly string[] Conversations =
    [
        """[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello."},{"role":"user","content":"Name a fruit."},{"role":"assistant","content":"Apple."}]""",
        """[{"role":"user","content":"Name a colour."},{"role":"assistant","content":"Red."},{"role":"user","content":"Another."},{"role":"assistant","content":"Green."}]""",
    ];

    public static readonly GptConfig Network = new()
    {
        VocabularySize = 384,
        ContextLength = 128,
        LayerCount = 2,
        HeadCount = 2,
        Width = 64,
        Activation = Activation.Gelu,
        Dropout = 0,
    };

    public static readonly TrainingOptions Training = new()
    {
        Epochs = 60,
        BatchSize = 3,
        LearningRate = 5e-3,
        Optimizer = new OptimizerOptions { WeightDecay = 0 },
        Device = "cpu",
        Precision = Precision.Float32,
        Seed = 1,
    };

    public static LanguageModel BaseModel(int seed = 1)
    {
        var texts = Rows.SelectMany(row => new[] { row.Instruction!, row.Input ?? "", row.Output! })
            .Concat(Enumerable.Repeat(ChatTemplate.Alpaca.Render(ChatTemplate.Alpaca.InstructionTurns("Say.", "it", "Yes.")), 3));
        var tokenizer = BytePairLearner.Learn(texts, new BytePairOptions { VocabularySize = 340 });
        return LanguageModel.Create(Network, tokenizer, Precision.Float32, torch.CPU, seed);
    }

    public static IDataView View(MLContext context, params Row[] rows) => context.Data.LoadFromEnumerable(rows.Length == 0 ? Rows : rows);

    public static IDataView Chats(MLContext context, params string[] conversations) =>
        context.Data.LoadFromEnumerable((conversations.Length == 0 ? Conversations : conversations).Select(text => new Chat { Conversation = text }));

    public sealed class Row
    {
        public string? Instruction { get; set; }

        public string? Input { get; set; }

        public string? Output { get; set; }

        public float Number { get; set; }
    }

    public sealed class Chat
    {
        public string? Conversation { get; set; }
    }

    public sealed class Answer
    {
        public string? Response { get; set; }
    }
}
