using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Planning;

public class ActivationMemoryTests
{
    private static readonly GptConfig Small = new() { VocabularySize = 512, ContextLength = 128, LayerCount = 4, HeadCount = 4, Width = 256, Dropout = 0.1 };

    [Theory]
    [InlineData(DeviceType.CPU)]
    [InlineData(DeviceType.CUDA)]
    public void The_users_limit_goes_before_any_other(DeviceType device)
    {
        Assert.Equal(100, TokensAtOnce(Small, device, new TrainingOptions { MaximumTokensPerForward = 100 }));
    }

    [Fact]
    public void A_gpu_takes_more_at_once_than_a_processor()
    {
        Assert.Equal((1_024, 16_384), (TokensAtOnce(GptConfig.Gpt2Small, DeviceType.CPU), TokensAtOnce(GptConfig.Gpt2Small, DeviceType.CUDA)));
    }

    [Fact]
    public void Where_activations_would_outweigh_the_weights_fewer_tokens_go_at_once()
    {
        Assert.Equal(512, TokensAtOnce(Small, DeviceType.CPU));
        Assert.Equal(1_024, TokensAtOnce(Small with { VocabularySize = 50_257 }, DeviceType.CPU));
    }

    [Fact]
    public void What_is_small_anyway_is_not_cut()
    {
        Assert.Equal(1_024, TokensAtOnce(Small with { Width = 64, LayerCount = 2 }, DeviceType.CPU));
    }

    [Fact]
    public void A_deep_network_of_few_weights_still_takes_as_many_as_keep_a_processor_busy()
    {
        Assert.Equal(512, TokensAtOnce(Small with { Width = 64, LayerCount = 100 }, DeviceType.CPU));
    }

    [Fact]
    public void Recomputed_activations_leave_room_for_more_tokens()
    {
        Assert.Equal(1_024, TokensAtOnce(Small, DeviceType.CPU, new TrainingOptions { RecomputesActivations = true }));
    }

    [Fact]
    public void What_is_no_transformer_gets_the_most_of_its_device()
    {
        Assert.Equal(1_024, ActivationMemory.TokensAtOnce(new TrainingOptions(), network: null, window: 10, Precision.Float32, DeviceType.CPU));
    }

    private static int TokensAtOnce(GptConfig network, DeviceType device, TrainingOptions? training = null) =>
        ActivationMemory.TokensAtOnce(training ?? new TrainingOptions(), network, network.ContextLength, Precision.BFloat16, device);
}
