using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers.Tests.Instructions;

/// <summary>What cannot be learned from is refused by name, before anything is trained.</summary>
public sealed class InstructionBadInputTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly LanguageModel model = Tasks.BaseModel();

    public void Dispose() => model.Dispose();

    private InstructionTuningOptions Options => InstructionTuningTests.Options(model) with
    {
        Training = Tasks.Training with { StopWhen = _ => throw new InvalidOperationException("The training began.") },
    };

    private InstructionTuningOptions ChatOptions => Options with { ConversationColumnName = "Conversation", Template = ChatTemplate.ChatML };

    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    [InlineData(null)]
    public void An_empty_response(string? response) => Refused(
        Options, Tasks.View(ml, Tasks.Rows[0], new Tasks.Row { Instruction = "Say nothing.", Output = response }), "'Output'", "no response", "rows 1");

    [Fact]
    public void An_empty_instruction() => Refused(
        Options, Tasks.View(ml, new Tasks.Row { Output = "Yes." }), "'Instruction'", "no instruction", "rows 0");

    [Fact]
    public void A_missing_instruction_column() => Refused(Options with { InstructionColumnName = "Question" }, Tasks.View(ml), "'Question'");

    [Fact]
    public void A_missing_input_column() => Refused(Options with { InputColumnName = "Context" }, Tasks.View(ml), "'Context'");

    [Fact]
    public void A_missing_output_column() => Refused(Options with { OutputColumnName = "Answer" }, Tasks.View(ml), "'Answer'");

    [Fact]
    public void A_missing_conversation_column() => Refused(ChatOptions, Tasks.View(ml), "'Conversation'");

    [Fact]
    public void A_column_that_is_no_text() => Refused(Options with { OutputColumnName = "Number" }, Tasks.View(ml), "'Number'");

    [Fact]
    public void A_policy_for_long_examples_that_is_none() => Refused(Options with { LongExamples = (LongExamples)9 }, Tasks.View(ml), "LongExamples must be one of Drop");

    [Fact]
    public void A_stop_token_that_the_model_does_not_have() => Refused(
        Options with { Generation = new GenerationOptions { StopTokenIds = [100_000] } }, Tasks.View(ml), "StopTokenIds", "100000");

    [Fact]
    public void Columns_are_checked_when_a_pipeline_is_put_together()
    {
        var schema = new SchemaShape(new[] { "Instruction", "Input", "Output" }.Select(
            name => ShapeColumn.Create(name, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance)));

        Assert.Equal(
            ["Instruction", "Input", "Output", "Response"],
            ml.LanguageModels.Trainers.InstructionTuning(Options).GetOutputSchema(schema).Select(column => column.Name));
        Assert.Contains("'Answer'", Assert.ThrowsAny<Exception>(
            () => ml.LanguageModels.Trainers.InstructionTuning(Options with { OutputColumnName = "Answer" }).GetOutputSchema(schema)).Message);
    }

    [Fact]
    public void No_rows() => Refused(Options, ml.Data.LoadFromEnumerable(Array.Empty<Tasks.Row>()), "no rows");

    [Fact]
    public void An_unknown_role() => Refused(
        ChatOptions, Tasks.Chats(ml, Tasks.Conversations[0], """[{"role":"human","content":"Hi"}]"""), "'Conversation'", "row 1", "'human'");

    [Fact]
    public void Malformed_json() => Refused(ChatOptions, Tasks.Chats(ml, Tasks.Conversations[0], """[{"role":"user","""), "'Conversation'", "row 1", "JSON");

    [Fact]
    public void A_conversation_without_an_assistant_turn() => Refused(
        ChatOptions, Tasks.Chats(ml, """[{"role":"user","content":"Hi"}]"""), "'Conversation'", "row 0", "no assistant turn");

    [Fact]
    public void A_conversation_that_ends_with_the_user() => Refused(
        ChatOptions,
        Tasks.Chats(ml, """[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"Bye"}]"""),
        "row 0", "last turn");

    [Fact]
    public void A_system_turn_that_the_template_has_no_place_for() => Refused(
        ChatOptions with { Template = ChatTemplate.ChatML with { System = null } }, Tasks.Chats(ml), "'Conversation'", "system", "'ChatML'");

    [Fact]
    public void An_instruction_longer_than_the_context() => Refused(
        Options with { LongExamples = LongExamples.Refuse },
        Tasks.View(ml, Tasks.Rows[0], new Tasks.Row { Instruction = new string('x', 500), Output = "Yes." }),
        "rows 1", "128 tokens");

    [Fact]
    public void A_template_without_a_response_slot() => Assert.Contains("response slot", Assert.Throws<ArgumentException>(
        () => ml.LanguageModels.Trainers.InstructionTuning(model, ChatTemplate.Alpaca with { Assistant = "### Response:\n" })).Message);

    [Fact]
    public void No_model() => Assert.Contains("Checkpoint", Assert.Throws<ArgumentException>(
        () => ml.LanguageModels.Trainers.InstructionTuning(new InstructionTuningOptions())).Message);

    [Fact]
    public void A_model_and_a_directory() => Assert.Throws<ArgumentException>(
        () => ml.LanguageModels.Trainers.InstructionTuning(Options with { Checkpoint = Path.GetTempPath() }));

    [Fact]
    public void A_directory_that_is_not_there() => Assert.Contains("no/such/model", Assert.Throws<ArgumentException>(
        () => ml.LanguageModels.Trainers.InstructionTuning(new InstructionTuningOptions { Checkpoint = "no/such/model" })).Message);

    [Fact]
    public void An_adapter_target_that_matches_nothing() => Refused(
        Options with { Lora = new LoraOptions { TargetModules = ["no_such_layer"] } }, Tasks.View(ml), "'no_such_layer'", "c_attn");

    public static TheoryData<string, Func<InstructionTuningOptions, InstructionTuningOptions>> OutOfRange => new()
    {
        { "Rank", options => options with { Lora = new LoraOptions { Rank = 0 } } },
        { "TrainableBlocks", options => options with { Lora = new LoraOptions(), TrainableBlocks = 1 } },
        { "no_such_layer", options => options with { Lora = new LoraOptions { TargetModules = ["no_such_layer"] } } },
        { "AdapterDirectory", options => options with { AdapterDirectory = "adapters" } },
        { "AdapterDirectory", options => options with { Lora = new LoraOptions(), AdapterDirectory = " " } },
        { "MaximumTokens", options => options with { MaximumTokens = 129 } },
        { "MaximumTokens", options => options with { MaximumTokens = 1 } },
        { "TrainableBlocks", options => options with { TrainableBlocks = 3 } },
        { "Dropout", options => options with { Dropout = 1.5 } },
        { "ValidationFraction", options => options with { ValidationFraction = -1 } },
        { "MaximumNewTokens", options => options with { Generation = new GenerationOptions { MaximumNewTokens = 0 } } },
        { "LearningRate", options => options with { Training = options.Training with { LearningRate = double.NaN } } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void A_setting_out_of_its_range(string named, Func<InstructionTuningOptions, InstructionTuningOptions> change) => Assert.Contains(
        named, Assert.ThrowsAny<ArgumentException>(() => ml.LanguageModels.Trainers.InstructionTuning(change(Options))).Message);

    private void Refused(InstructionTuningOptions options, IDataView data, params string[] named)
    {
        var error = Assert.ThrowsAny<Exception>(() => ml.LanguageModels.Trainers.InstructionTuning(options).Fit(data));

        Assert.All(named, name => Assert.Contains(name, error.Message));
        Assert.DoesNotContain("The training began", error.Message);
    }
}
