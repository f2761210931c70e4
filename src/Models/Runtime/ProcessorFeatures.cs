using System.Runtime.Intrinsics.X86;

namespace MLNetLlm.Models;

/// <summary>What the processor says about matrix arithmetic, read from CPUID.</summary>
internal static class ProcessorFeatures
{
    private const int ExtendedFeaturesLeaf = 7;

    /// <summary>Tile matrix multiplication of bfloat16 (Intel AMX-BF16): CPUID 7.0, EDX bit 22.</summary>
    public static bool HasAmxBFloat16 { get; } = X86Base.IsSupported && HasBit(ExtendedFeatures(0).Edx, 22);

    /// <summary>Dot products of bfloat16 in AVX-512 registers: CPUID 7.1, EAX bit 5.</summary>
    public static bool HasAvx512BFloat16 { get; } = X86Base.IsSupported && HasBit(ExtendedFeatures(1).Eax, 5);

    /// <summary>Foundation of AVX-512: CPUID 7.0, EBX bit 16.</summary>
    public static bool HasAvx512 { get; } = X86Base.IsSupported && HasBit(ExtendedFeatures(0).Ebx, 16);

    private static (int Eax, int Ebx, int Ecx, int Edx) ExtendedFeatures(int subleaf)
    {
        if (X86Base.CpuId(0, 0).Eax < ExtendedFeaturesLeaf)
        {
            return default;
        }

        return subleaf == 0 || X86Base.CpuId(ExtendedFeaturesLeaf, 0).Eax >= subleaf
            ? X86Base.CpuId(ExtendedFeaturesLeaf, subleaf)
            : default;
    }

    private static bool HasBit(int register, int bit) => (register >>> bit & 1) == 1;
}
