using System;
using System.Runtime.InteropServices;

namespace TorchSharp;

internal static class NativeBackend
{
    /// <summary>Loads the native library once, so that a missing one is reported where it is first needed.</summary>
    /// <exception cref="NotSupportedException">The library, or a libtorch library it needs, cannot be loaded.</exception>
    internal static void Load()
    {
        try
        {
            NativeLibrary.Load(NativeMethods.Library, typeof(NativeBackend).Assembly, null);
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            throw new NotSupportedException(
                "The native TorchSharp library libLibTorchSharp.so or a libtorch library it depends on could not be loaded. "
                + "It is built from standins/TorchSharp/native and needs libtorch (on Debian or Ubuntu: apt install libtorch-dev). "
                + $"Trace from the loader: {failure.Message}", failure);
        }
    }
}
