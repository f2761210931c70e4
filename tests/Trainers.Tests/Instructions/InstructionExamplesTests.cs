using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests.Instructions;

public sealed class InstructionExamplesTests : IDisposable
{
    private static readonly ChatTurn[] Turns = [ChatTurn.User("Hi"), ChatTurn.Assistant("Hello."), ChatTurn.User("Bye"), ChatTurn.Assistant("See you.")];

    private readonly LanguageModel model;
    private readonly ChatEncoder encoder;
    private readonly List<string> warnings = [];
    private readonly IChannel channel;

    public InstructionExamplesTests()
    {
        using var plain = Tasks.BaseModel();
        model = plain.ForTemplate(ChatTemplate.ChatML);
        encoder = new ChatEncoder(model.Tokenizer, ChatTemplate.ChatML);
        var ml = new MLContext();
        ml.Log += (_, message) =>
        {
            if (message.Kind == ChannelMessageKind.Warning)
            {
                warnings.Add(message.RawMessage);
            }
        };
        channel = ((IHostEnvironment)ml).Start("test");
    }

    public void Dispose()
    {
        channel.Dispose();
        model.Dispose();
    }

    [Fact]
    public void Every_assistant_turn_is_predicted_and_nothing_else()
    {
        var example = Create(new InstructionTuningOptions(), 128, Turns).Single();

        Assert.Equal("Hello.<|im_end|>See you.<|im_end|>", Predicted(example));
        Assert.Equal(example.Inputs.Length, example.Targets.Length);
        // After the last response nothing is to be learned, so nothing is read.
        Assert.NotEqual(LanguageModelLoss.Ignored, example.Targets[^1]);
    }

    [Fact]
    public void A_target_is_the_id_that_comes_next()
    {
        var example = Create(new InstructionTuningOptions(), 128, Turns).Single();
        var ids = encoder.Encode(Turns).Ids;

        Assert.Equal(ids[..example.Inputs.Length], example.Inputs);
        Assert.All(
            Enumerable.Range(0, example.Targets.Length).Where(position => example.Targets[position] != LanguageModelLoss.Ignored),
            position => Assert.Equal(ids[position + 1], example.Targets[position]));
    }

    [Fact]
    public void The_prompt_is_learned_too_where_that_is_asked_for()
    {
        var example = Create(new InstructionTuningOptions { LearnsPrompt = true }, 128, Turns).Single();

        Assert.StartsWith("user\nHi<|im_end|>", Predicted(example));
        Assert.DoesNotContain(LanguageModelLoss.Ignored, example.Targets);
    }

    [Fact]
    public void Long_examples_are_left_out_and_counted()
    {
        var length = encoder.Encode(Turns[..2]).Ids.Length;

        var examples = Create(new InstructionTuningOptions(), length, Turns[..2], Turns);

        Assert.Single(examples);
        Assert.Contains("1 of 2 training rows", warnings.Single());
        Assert.Contains("0 were cut, 1 were left out", warnings.Single());
    }

    [Fact]
    public void Long_examples_are_cut_where_that_is_chosen_and_left_out_where_no_response_would_be_left()
    {
        var length = encoder.Encode(Turns[..2]).Ids.Length;
        ChatTurn[] hopeless = [ChatTurn.User(new string('x', 2 * length)), ChatTurn.Assistant("Yes.")];

        var examples = Create(new InstructionTuningOptions { LongExamples = LongExamples.Truncate }, length, Turns[..2], Turns, hopeless);

        Assert.Equal(2, examples.Count);
        Assert.Equal("Hello.<|im_end|>", Predicted(examples[1]));
        Assert.Contains("2 of 3 training rows", warnings.Single());
        Assert.Contains("1 were cut, 1 were left out", warnings.Single());
    }

    [Fact]
    public void Long_examples_are_refused_by_row_where_that_is_chosen()
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => Create(new InstructionTuningOptions { LongExamples = LongExamples.Refuse }, encoder.Encode(Turns[..2]).Ids.Length, Turns[..2], Turns));

        Assert.Contains("rows 1", error.Message);
        Assert.Contains("MaximumTokens", error.Message);
    }

    [Fact]
    public void When_every_row_is_too_long_the_training_does_not_begin()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Create(new InstructionTuningOptions(), 4, Turns));

        Assert.Contains("1 of 1", error.Message);
    }

    private IReadOnlyList<InstructionExample> Create(InstructionTuningOptions options, int maximumTokens, params ChatTurn[][] conversations) =>
        InstructionExamples.Create(conversations.Select((turns, row) => new InstructionRow(row, turns)).ToArray(), encoder, maximumTokens, options, "training", channel);

    private string Predicted(InstructionExample example) =>
        model.Tokenizer.Decode(example.Targets.Where(target => target != LanguageModelLoss.Ignored).Select(target => (int)target));
}
