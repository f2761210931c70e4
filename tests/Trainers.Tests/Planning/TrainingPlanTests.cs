using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Trainers.Tests.Instructions;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Planning;

public class TrainingPlanTests
{
    private static TrainingPlan Gpt2(long tokens, int batchSize = 8) =>
        TrainingPlan.For(GptConfig.Gpt2Small, tokens, new TrainingOptions { Epochs = 1, BatchSize = batchSize, MaximumTokensPerForward = int.MaxValue });

    [Fact]
    public void Gpt2_small_takes_the_published_number_of_weights_and_operations()
    {
        var plan = Gpt2(1_000_000);

        Assert.Equal(124_439_808, plan.Parameters);
        // 6 N for the weights and 12 layers x width x context for attention.
        Assert.Equal((6 * 124_439_808.0) + (12.0 * 12 * 768 * 1024), plan.FlopsPerToken);
        Assert.Equal(plan.FlopsPerToken * 1_000_000, plan.Flops);
    }

    [Fact]
    public void Tokens_are_compared_with_the_weights()
    {
        var optimal = Gpt2(20 * 124_439_808L);

        Assert.Equal(TrainingPlan.OptimalTokensPerParameter, optimal.TokensPerParameter);
        Assert.Contains("20 a parameter", optimal.ToString());
    }

    [Fact]
    public void Epochs_multiply_tokens()
    {
        var plan = TrainingPlan.For(GptConfig.Mini, 1_000, new TrainingOptions { Epochs = 7 });

        Assert.Equal((1_000L, 7_000L), (plan.TokensPerEpoch, plan.Tokens));
    }

    [Fact]
    public void A_number_of_steps_takes_the_place_of_epochs()
    {
        var plan = TrainingPlan.For(GptConfig.Mini, 1_000, new TrainingOptions { Epochs = 7, MaximumSteps = 10, BatchSize = 4 }, windowLength: 100);

        Assert.Equal(4_000, plan.Tokens);
    }

    [Fact]
    public void Tokens_that_go_through_the_network_at_once_bound_the_activations()
    {
        var training = new TrainingOptions { BatchSize = 64, MaximumTokensPerForward = 8 * 1024 };

        Assert.Equal(Gpt2(1_000_000, batchSize: 8).ActivationBytes, TrainingPlan.For(GptConfig.Gpt2Small, 1_000_000, training).ActivationBytes);
    }

    [Fact]
    public void Memory_is_weights_gradients_moments_and_activations()
    {
        var plan = Gpt2(1_000_000);

        Assert.Equal(4 * plan.Parameters, plan.WeightBytes);
        Assert.Equal(4 * plan.Parameters, plan.GradientBytes);
        Assert.Equal(12 * plan.Parameters, plan.OptimizerBytes);
        Assert.Equal(plan.WeightBytes + plan.GradientBytes + plan.OptimizerBytes + plan.ActivationBytes, plan.MemoryNeeded);
        Assert.True(Gpt2(1_000_000, batchSize: 16).ActivationBytes > 1.9 * plan.ActivationBytes);
    }

    [Fact]
    public void What_no_run_can_have_is_refused_by_name()
    {
        Refused("windowLength", () => TrainingPlan.For(GptConfig.Mini, 1_000, new TrainingOptions(), windowLength: 0));
        Refused("windowLength", () => TrainingPlan.For(GptConfig.Mini, 1_000, new TrainingOptions(), windowLength: GptConfig.Mini.ContextLength + 1));
        Refused("trainableParameters", () => TrainingPlan.For(GptConfig.Mini, 1_000, new TrainingOptions(), trainableParameters: -1));
        Refused("precision", () => TrainingPlan.For(GptConfig.Mini, 1_000, new TrainingOptions(), precision: Precision.Auto));

        static void Refused(string name, Func<TrainingPlan> plan) => Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(plan).ParamName);
    }

    [Fact]
    public void Weights_that_do_not_learn_need_neither_gradients_nor_moments()
    {
        var plan = TrainingPlan.For(GptConfig.Gpt2Small, 1_000, new TrainingOptions(), trainableParameters: 1_000_000);

        Assert.Equal((4_000_000L, 12_000_000L), (plan.GradientBytes, plan.OptimizerBytes));
    }

    [Theory]
    [InlineData(1024, "BatchSize")]
    [InlineData(32, "smaller network")]
    public void A_run_that_needs_more_memory_than_there_is_says_what_to_change(int windowLength, string advice)
    {
        var plan = TrainingPlan.For(GptConfig.Gpt2Small, 1_000_000, new TrainingOptions { BatchSize = 8 }, windowLength) with { MemoryAvailable = 1 << 30 };

        Assert.True(plan.ExceedsMemory);
        Assert.Contains(advice, plan.MemoryWarning);
        Assert.False((plan with { MemoryAvailable = 1L << 50 }).ExceedsMemory);
        Assert.False((plan with { MemoryAvailable = null }).ExceedsMemory);
    }

    [Fact]
    public void The_time_follows_from_the_measured_speed()
    {
        var plan = Gpt2(1_000_000);

        Assert.Null(plan.EstimatedTime);
        Assert.Equal(plan.Flops / 0.25e12, (plan with { PeakFlops = 1e12 }).EstimatedTime!.Value.TotalSeconds, 1.0);
        Assert.True((plan with { PeakFlops = 1e-300 }).EstimatedTime > TimeSpan.FromDays(1_000_000));
    }

    [Fact]
    public void The_plan_of_a_network_counts_what_learns()
    {
        using var network = LanguageModel.Create(
            Corpus.Network, BytePairLearner.Learn(["some text"], Corpus.BytePairs), Precision.Float32, torch.CPU, seed: 1);
        network.Network.FreezeAllBut(1);

        var plan = TrainingPlan.For(network.Network, 1_000, Corpus.Training, windowLength: 32);

        Assert.Equal(network.Network.parameters().Where(weight => weight.requires_grad).Sum(weight => weight.numel()), plan.TrainableParameters);
        Assert.True(plan.TrainableParameters < plan.Parameters);
        Assert.True(plan.PeakFlops > 0);
    }

    [Fact]
    public void The_speed_is_measured_once() => Assert.Equal(
        ComputeSpeed.PeakFlops(torch.CPU, Precision.Float32), ComputeSpeed.PeakFlops(torch.CPU, Precision.Float32));

    [Fact]
    public void The_speed_of_no_number_type_is_refused() =>
        Assert.Throws<ArgumentException>(() => ComputeSpeed.PeakFlops(torch.CPU, Precision.Auto));

    [Fact]
    public void Rows_of_different_lengths_go_by_their_mean_in_operations_and_by_the_longest_in_memory()
    {
        using var model = LanguageModel.Create(
            Corpus.Network with { FeedForwardWidth = Corpus.Network.VocabularySize }, BytePairLearner.Learn(["some text"], Corpus.BytePairs), Precision.Float32, torch.CPU, seed: 1);
        var mean = TrainingPlan.For(model.Network, 60, Corpus.Training, windowLength: 20);
        var longest = TrainingPlan.For(model.Network, 60, Corpus.Training, windowLength: 30);

        var plan = TrainingPlan.For(model.Network, [10, 20, 30], Corpus.Training, predictsTokens: true);
        var classifier = TrainingPlan.For(model.Network, [10, 20, 30], Corpus.Training, predictsTokens: false);

        Assert.Equal((mean.Tokens, mean.FlopsPerToken, longest.MemoryNeeded), (plan.Tokens, plan.FlopsPerToken, plan.MemoryNeeded));
        Assert.Equal(plan.FlopsPerToken - 6.0 * Corpus.Network.VocabularySize * Corpus.Network.Width, classifier.FlopsPerToken);
        Assert.True(classifier.MemoryNeeded < plan.MemoryNeeded);
    }

    [Fact]
    public void Texts_and_plan_of_a_pretraining_are_logged_before_it()
    {
        var ml = new MLContext(seed: 1);
        var messages = Messages(ml, training => ml.LanguageModels.Trainers.Pretraining(new PretrainingOptions
        {
            Network = Corpus.Network,
            BytePairs = Corpus.BytePairs,
            Training = training,
        }).Fit(Corpus.View(ml, 60)).Dispose());

        Assert.True(
            messages.FindIndex(message => message.Contains("compute-optimal")) > messages.FindIndex(message => message.Contains("tokens of 57 texts in column 'Text'")));
    }

    [Fact]
    public void The_plan_of_a_classifier_is_logged_before_its_training()
    {
        var ml = new MLContext(seed: 1);
        var messages = Messages(ml, training => ml.BinaryClassification.Trainers.TextClassification(new TextClassificationOptions
        {
            Network = Corpus.Network,
            BytePairs = Corpus.BytePairs,
            Training = training,
        }).Fit(Corpus.View(ml, 60)).Dispose());

        // That is a measure of learning a language.
        Assert.DoesNotContain(messages, message => message.Contains("compute-optimal"));
    }

    [Fact]
    public void The_plan_of_an_instruction_tuning_is_logged_before_it()
    {
        var ml = new MLContext(seed: 1);
        using var model = Tasks.BaseModel();
        var messages = Messages(ml, training => ml.LanguageModels.Trainers.InstructionTuning(new InstructionTuningOptions
        {
            LanguageModel = model,
            Training = training,
        }).Fit(Tasks.View(ml)).Dispose());

        Assert.DoesNotContain(messages, message => message.Contains("compute-optimal"));
    }

    /// <summary>What one epoch writes to the log, after a look at the plan in it, which the run's followers got too.</summary>
    private static List<string> Messages(MLContext ml, Action<TrainingOptions> train)
    {
        var messages = new List<string>();
        ml.Log += (_, line) => messages.Add(line.Message);
        var follower = new StringWriter();

        train(Corpus.Training with { Epochs = 1, Progress = new ConsoleProgress(follower) });

        var plan = messages.FindIndex(message => message.Contains("FLOPs"));
        Assert.InRange(plan, 0, messages.FindIndex(message => message.Contains("epoch 1/1")) - 1);
        Assert.All(["parameters", "tokens", "of memory of", "; about"], part => Assert.Contains(part, messages[plan]));
        Assert.Equal(1, messages.Count(message => message.Contains("FLOPs")));
        var text = follower.ToString();
        Assert.InRange(text.IndexOf("FLOPs", StringComparison.Ordinal), 0, text.IndexOf("1/", StringComparison.Ordinal));
        return messages;
    }
}
