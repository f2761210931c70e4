using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;
using MLNetLlm.Transforms;
using TorchSharp;

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

    [Fact]
    public void The_same_seed_gives_the_same_model_and_the_base_model_is_not_changed()
    {
        using var model = Tasks.BaseModel();
        var before = Weights(model);

        float[] Tuned()
        {
            using var transformer = ml.LanguageModels.Trainers.InstructionTuning(Options(model) with
            {
                Dropout = 0.1,
                Training = Tasks.Training with { Epochs = 2 },
            }).Fit(Tasks.View(ml));
            return Weights(transformer.LanguageModel);
        }

        Assert.Equal(Tuned(), Tuned());
        Assert.Equal(before, Weights(model));
    }

    [Fact]
    public void A_checkpoint_directory_is_as_good_as_a_model()
    {
        using var model = Tasks.BaseModel();
        var directory = Directory.CreateTempSubdirectory("mlnetllm-").FullName;
        model.Save(directory);
        var options = Options(model) with { Training = Tasks.Training with { Epochs = 2 } };

        using var fromModel = ml.LanguageModels.Trainers.InstructionTuning(options).Fit(Tasks.View(ml));
        using var fromDirectory = ml.LanguageModels.Trainers.InstructionTuning(
            options with { LanguageModel = null, Checkpoint = directory }).Fit(Tasks.View(ml));

        Assert.Equal(Weights(fromModel.LanguageModel), Weights(fromDirectory.LanguageModel));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void The_short_form_reads_the_default_columns()
    {
        using var model = Tasks.BaseModel();
        var pipeline = ml.Transforms.CopyColumns("Copy", "Instruction").Append(ml.LanguageModels.Trainers.InstructionTuning(model, epochs: 1));

        var fitted = pipeline.Fit(Tasks.View(ml));

        Assert.Equal(Tasks.Rows.Length, fitted.Transform(Tasks.View(ml)).GetColumn<string>("Response").Count());
        fitted.LastTransformer.Dispose();
    }

    [Fact]
    public void Only_the_last_blocks_are_trained_where_that_is_asked_for()
    {
        using var model = Tasks.BaseModel();
        using var transformer = ml.LanguageModels.Trainers.InstructionTuning(Options(model) with
        {
            TrainableBlocks = 1,
            Training = Tasks.Training with { Epochs = 1 },
        }).Fit(Tasks.View(ml));

        var changed = model.Network.named_parameters().Zip(transformer.LanguageModel.Network.named_parameters())
            .Where(pair => (pair.First.parameter - pair.Second.parameter).abs().max().ToDouble() > 0).Select(pair => pair.First.name).ToArray();

        Assert.NotEmpty(changed);
        Assert.All(changed, name => Assert.Matches(@"^(h\.1\.|ln_f)", name));
    }

    [Fact]
    public void Adapters_learn_the_pairs_and_are_kept_as_files_before_they_are_merged()
    {
        using var directory = new TemporaryDirectory();
        using var model = Tasks.BaseModel();
        using var transformer = ml.LanguageModels.Trainers.InstructionTuning(Options(model) with
        {
            Lora = new LoraOptions { Rank = 16, Alpha = 32, Dropout = 0, TargetModules = [LoraOptions.AllLinear] },
            AdapterDirectory = directory.File("adapters"),
            Training = Tasks.Training with { Epochs = 150, LearningRate = 1e-2, Checkpoints = new CheckpointOptions { Directory = directory.File("run") } },
        }).Fit(Tasks.View(ml));

        using var adapted = model.ForTemplate(ChatTemplate.Alpaca);
        LoraCheckpoint.Load(adapted.Network, directory.File("adapters"));
        using var kept = LanguageModel.Load(directory.File(Path.Combine("run", "model")), Precision.Float32, "cpu");

        var expected = Tasks.Rows.Select(row => row.Output).ToArray();
        Assert.Equal(expected, transformer.Transform(Tasks.View(ml)).GetColumn<string>("Response"));
        Assert.Null(transformer.LanguageModel.Network.Adapters);
        Assert.Equal(expected, Responses(adapted));
        adapted.Network.MergeAdapters();
        Assert.Equal(Weights(transformer.LanguageModel), Weights(adapted));
        Assert.Equal(expected, Responses(kept));
    }

    private static IEnumerable<string> Responses(LanguageModel model)
    {
        var generator = new ResponseGenerator(model, ChatTemplate.Alpaca, new GenerationOptions { MaximumNewTokens = 24 });
        var prompts = Tasks.Rows.Select(row => generator.Prompt(ChatTemplate.Alpaca.InstructionTurns(row.Instruction!, row.Input ?? ""), out _)).ToArray();
        return generator.Respond(prompts).Select(response => response.Text).ToArray();
    }

    [Fact]
    public void A_chat_starts_from_the_transformer_and_writes_as_it_does()
    {
        var chat = tuned.Transformer.StartChat();

        Assert.Equal("Hello! How are you?", chat.Reply("Say hello.").Text);
    }

    private static float[] Weights(LanguageModel model) =>
        model.Network.parameters().SelectMany(parameter => parameter.detach().cpu().contiguous().data<float>().ToArray()).ToArray();
}
