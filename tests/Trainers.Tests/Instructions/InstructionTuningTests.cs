using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers.Tests.Instructions;

/// <summary>A model that learned the tasks by heart, shared by the tests that only ask it something.</summary>
public sealed class TunedModel : IDisposable
{
    public MLContext ML { get; } = new(seed: 1);

    public InstructionTransformer Transformer { get; }

    public TunedModel()
    {
        using var model = Tasks.BaseModel();
        Transformer = ML.LanguageModels.Trainers.InstructionTuning(InstructionTuningTests.Options(model)).Fit(Tasks.View(ML));
    }

    public void Dispose() => Transformer.Dispose();
}

public class InstructionTuningTests(TunedModel tuned) : IClassFixture<TunedModel>
{
    private readonly MLContext ml = tuned.ML;

    internal static InstructionTuningOptions Options(LanguageModel? model) => new()
    {
        LanguageModel = model,
        InputColumnName = "Input",
        ValidationFraction = 0,
        Generation = new GenerationOptions { MaximumNewTokens = 24 },
        Training = Tasks.Training,
    };

    [Fact]
    public void A_handful_of_pairs_is_learned_by_heart() =>
        Assert.Equal(Tasks.Rows.Select(row => row.Output), tuned.Transformer.Transform(Tasks.View(ml)).GetColumn<string>("Response"));

    [Fact]
    public void A_prediction_engine_answers_the_same()
    {
        using var engine = ml.Model.CreatePredictionEngine<Tasks.Row, Tasks.Answer>(
            tuned.Transformer, new PredictionEngineOptions { OwnsTransformer = false });

        Assert.All(Tasks.Rows, row => Assert.Equal(row.Output, engine.Predict(row).Response));
    }

    [Fact]
    public void The_model_answers_the_same_after_saving_and_loading_under_a_new_context()
    {
        using var zip = new MemoryStream();
        ml.Model.Save(tuned.Transformer, Tasks.View(ml).Schema, zip);
        zip.Position = 0;

        var context = new MLContext();
        var loaded = (InstructionTransformer)context.Model.Load(zip, out _);

        Assert.Equal(Tasks.Rows.Select(row => row.Output), loaded.Transform(Tasks.View(context)).GetColumn<string>("Response"));
        Assert.Equal(ChatTemplate.Alpaca.Name, loaded.Template.Name);
        loaded.Dispose();
    }

    [Theory]
    [InlineData("ChatML")]
    [InlineData("Phi-3")]
    [InlineData("Llama-3")]
    public void Conversations_are_learned_in_every_assistant_turn(string name)
    {
        var template = new[] { ChatTemplate.ChatML, ChatTemplate.Phi3, ChatTemplate.Llama3 }.Single(template => template.Name == name);
        using var model = Tasks.BaseModel();
        using var transformer = ml.LanguageModels.Trainers.InstructionTuning(Options(model) with
        {
            ConversationColumnName = "Conversation",
            Template = template,
            Training = Tasks.Training with { BatchSize = 2, Epochs = 80 },
        }).Fit(Tasks.Chats(ml));

        Assert.Equal(["Apple.", "Green."], transformer.Transform(Tasks.Chats(ml)).GetColumn<string>("Response"));
        var chat = transformer.StartChat(new ChatSessionOptions { SystemPrompt = "Be brief." });
        Assert.Equal("Hello.", chat.Reply("Hi").Text);
        Assert.Equal("Apple.", chat.Reply("Name a fruit.").Text);
    }
}
