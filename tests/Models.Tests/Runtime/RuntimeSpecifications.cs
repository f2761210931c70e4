using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;

namespace MLNetLlm.Models.Tests.Runtime;

public class RuntimeSpecifications
{
    [Fact]
    public void TheRuntimeLoadsAndDescribesItself()
    {
        NativeRuntime.Initialize();
        var description = NativeRuntime.Describe();
        Assert.True(description.IsAvailable);
        Assert.Null(description.Failure);
        Assert.True(description.ThreadCount >= 1);
        Assert.Equal(Environment.ProcessorCount, description.ProcessorCount);
    }

    [SkippableFact]
    public void NativeCodeSeesThatOpenMPShallWaitPassively()
    {
        Skip.If(OperatingSystem.IsWindows(), "The C library's environment is read with getenv.");
        NativeRuntime.Initialize();
        var expected = Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is { Length: > 0 } given ? given : "PASSIVE";
        Assert.Equal(expected, Marshal.PtrToStringUTF8(ReadNative("OMP_WAIT_POLICY")));
        Assert.NotNull(Marshal.PtrToStringUTF8(ReadNative("OMP_NUM_THREADS")));
    }

    [SkippableTheory]
    [InlineData(null, "PASSIVE")]
    [InlineData("", "PASSIVE")]
    [InlineData("ACTIVE", "ACTIVE")]
    public async Task AnEmptyVariableCountsAsNotGiven(string? given, string expected)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no empty variables.");
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(Program).Assembly.Location, Program.Variable, "OMP_WAIT_POLICY"]) { RedirectStandardOutput = true };
        start.Environment.Remove("OMP_WAIT_POLICY");
        if (given is not null)
        {
            start.Environment["OMP_WAIT_POLICY"] = given;
        }

        using var process = Process.Start(start)!;
        Assert.Equal(expected, (await process.StandardOutput.ReadToEndAsync()).Trim());
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("CPU ")]
    public void TheProcessorIsAlwaysThere(string name) => Assert.Equal(DeviceType.CPU, ComputeDevice.Select(name).type);

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:x")]
    [InlineData("cuda:")]
    [InlineData("cuda:99")]
    [InlineData("mps")]
    public void AnUnknownOrMissingDeviceIsRefusedByName(string name) =>
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => ComputeDevice.Select(name)).Message);

    [Fact]
    public void NoNameTakesTheBestDevice()
    {
        var expected = torch.cuda.is_available() ? DeviceType.CUDA : DeviceType.CPU;
        Assert.Equal(expected, ComputeDevice.Select(null).type);
        Assert.Equal(expected, ComputeDevice.Select("auto").type);
    }

    [DllImport("libc", EntryPoint = "getenv", CharSet = CharSet.Ansi)]
    private static extern IntPtr ReadNative(string name);
}
