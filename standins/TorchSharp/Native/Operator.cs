using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp;

/// <summary>
/// One operator of libtorch, found by name and overload the first time it is called. Arguments follow the operator's
/// own schema; those left off at the end take its defaults.
/// </summary>
internal sealed class Operator
{
    private const int StackScratchWords = 64;

    private readonly string name;
    private readonly string overload;
    private nint handle;

    internal Operator(string name, string overload = "")
    {
        this.name = name;
        this.overload = overload;
    }

    /// <summary>Whether the libtorch at hand has the operator at all.</summary>
    internal bool Exists => handle != 0 || TryFind();

    /// <summary>Runs an operator that returns one tensor.</summary>
    internal unsafe torch.Tensor Call(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return torch.Tensor.Adopt(result.Pointer);
    }

    /// <summary>Runs an operator that changes its first argument, and gives that argument back.</summary>
    internal unsafe torch.Tensor Mutate(params ReadOnlySpan<Argument> arguments)
    {
        Invoke(arguments, null, 0);
        return (torch.Tensor)arguments[0].Reference;
    }

    internal unsafe (torch.Tensor, torch.Tensor) CallPair(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[2];
        Invoke(arguments, results, 2);
        return (torch.Tensor.Adopt(results[0].Pointer), torch.Tensor.Adopt(results[1].Pointer));
    }

    internal unsafe (torch.Tensor, torch.Tensor, torch.Tensor) CallTriple(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[3];
        Invoke(arguments, results, 3);
        return (torch.Tensor.Adopt(results[0].Pointer), torch.Tensor.Adopt(results[1].Pointer),
            torch.Tensor.Adopt(results[2].Pointer));
    }

    internal unsafe torch.Tensor[] CallList(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        var tensors = new torch.Tensor[result.Count];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = torch.Tensor.Adopt(((nint*)result.Pointer)[i]);
        NativeMethods.shim_free_list(result.Pointer);
        return tensors;
    }

    internal unsafe bool CallBool(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return result.Integer != 0;
    }

    internal unsafe long CallInt(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return result.Integer;
    }

    internal unsafe Scalar CallScalar(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return new Scalar(result);
    }

    [SkipLocalsInit]
    private unsafe void Invoke(ReadOnlySpan<Argument> arguments, NativeValue* results, int resultCount)
    {
        if (handle == 0 && !TryFind())
            throw new NotSupportedException($"libtorch {Version} has no operator {this}.");
        var native = stackalloc NativeValue[arguments.Length];
        var words = 0;
        foreach (ref readonly var argument in arguments)
            words += argument.ScratchWords;
        if (words > StackScratchWords)
        {
            var memory = (long*)NativeMemory.Alloc((nuint)words, sizeof(long));
            try
            {
                InvokeWithScratch(arguments, native, memory, results, resultCount);
            }
            finally
            {
                NativeMemory.Free(memory);
            }
        }
        else
        {
            var scratch = stackalloc long[StackScratchWords];
            InvokeWithScratch(arguments, native, scratch, results, resultCount);
        }
    }

    private unsafe void InvokeWithScratch(
        ReadOnlySpan<Argument> arguments, NativeValue* native, long* scratch, NativeValue* results, int resultCount)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i].Write(native + i, scratch);
            scratch += arguments[i].ScratchWords;
        }
        NativeMethods.Check(NativeMethods.shim_call(handle, native, arguments.Length, results, resultCount));
    }

    private unsafe bool TryFind()
    {
        fixed (byte* nativeName = Encoding.UTF8.GetBytes("aten::" + name + '\0'))
        fixed (byte* nativeOverload = Encoding.UTF8.GetBytes(overload + '\0'))
            handle = NativeMethods.shim_find_operator(nativeName, nativeOverload);
        return handle != 0;
    }

    private static unsafe string Version =>
        Marshal.PtrToStringUTF8((nint)NativeMethods.shim_libtorch_version());

    public override string ToString() => overload.Length == 0 ? $"aten::{name}" : $"aten::{name}.{overload}";
}
