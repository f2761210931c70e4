using Microsoft.ML;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Transforms.Tests;

public sealed class EnvironmentDeviceTests
{
    private const int NoSuchGpu = 99;

    [Fact]
    public void AGpuThatIsNotThereFallsBackToTheCpuWithAWarning()
    {
        var ml = new MLContext { GpuDeviceId = NoSuchGpu, FallbackToCpu = true };
        var log = new RecordedLog(ml);

        Assert.Equal(DeviceType.CPU, EnvironmentDevice.Select(ml).type);
        Assert.Contains("MLContext.GpuDeviceId is 99", Assert.Single(log.Warnings));
    }

    [Fact]
    public void AGpuThatIsNotThereIsAnErrorWhereFallingBackIsForbidden()
    {
        var ml = new MLContext { GpuDeviceId = NoSuchGpu, FallbackToCpu = false };

        Assert.Contains("FallbackToCpu is false", Assert.Throws<InvalidOperationException>(() => EnvironmentDevice.Select(ml)).Message);
    }

    [Fact]
    public void WithoutASettingTheBestDeviceIsTaken() =>
        Assert.Equal(ComputeDevice.Select(null).type, EnvironmentDevice.Select(new MLContext()).type);

    [Fact]
    public void ALoadedModelFollowsTheSettingOfItsContext()
    {
        using var directory = new TemporaryDirectory();
        var ml = new MLContext();
        using LanguageModel model = TinyModels.LanguageModel();
        IDataView data = ml.OfTexts("call");
        ml.Model.Save(ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(data), data.Schema, directory.File("m.zip"));
        var strict = new MLContext { GpuDeviceId = NoSuchGpu, FallbackToCpu = false };

        Exception exception = Assert.ThrowsAny<Exception>(() => strict.Model.Load(directory.File("m.zip"), out _));

        Assert.Contains("FallbackToCpu is false", exception.ToString());
    }
}
