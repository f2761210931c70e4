using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

// Every signature is blittable, so calls go straight through.
[assembly: DisableRuntimeMarshalling]

namespace TorchSharp;

/// <summary>The functions of native/*.cpp. Those that return a status leave their message in shim_last_error.</summary>
internal static unsafe class NativeMethods
{
    internal const string Library = "LibTorchSharp";

    static NativeMethods() => NativeBackend.Load();

    [DllImport(Library)] internal static extern byte* shim_last_error();
    [DllImport(Library)] internal static extern byte* shim_libtorch_version();

    [DllImport(Library)] internal static extern nint shim_find_operator(byte* name, byte* overload);
    [DllImport(Library)]
    internal static extern int shim_call(nint operation, NativeValue* arguments, int count, NativeValue* results, int resultCount);
    [DllImport(Library)] internal static extern void shim_free_list(nint list);

    [DllImport(Library)] internal static extern void shim_tensor_release(nint tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern nint shim_tensor_share(nint tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long shim_tensor_dim(nint tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long shim_tensor_numel(nint tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long* shim_tensor_sizes(nint tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int shim_tensor_dtype(nint tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int shim_tensor_device(nint tensor, int* index);
    [DllImport(Library)] internal static extern int shim_tensor_strides(nint tensor, long* strides);
    [DllImport(Library)] internal static extern int shim_tensor_is_contiguous(nint tensor, int* result);
    [DllImport(Library)] internal static extern int shim_tensor_storage_offset(nint tensor, long* result);
    [DllImport(Library), SuppressGCTransition] internal static extern int shim_tensor_is_sparse(nint tensor);
    [DllImport(Library)] internal static extern int shim_tensor_data(nint tensor, nint* result);
    [DllImport(Library)]
    internal static extern int shim_tensor_copy_memory(void* data, long bytes, long* sizes, int dimensions, int dtype, nint* result);
    [DllImport(Library)]
    internal static extern int shim_tensor_share_memory(
        void* data, long* sizes, int dimensions, int dtype, delegate* unmanaged<nint, void> done, nint context, nint* result);

    [DllImport(Library)] internal static extern int shim_requires_grad(nint tensor, int* result);
    [DllImport(Library)] internal static extern int shim_set_requires_grad(nint tensor, int value);
    [DllImport(Library)] internal static extern int shim_is_leaf(nint tensor, int* result);
    [DllImport(Library)] internal static extern int shim_retain_grad(nint tensor);
    [DllImport(Library)] internal static extern int shim_grad(nint tensor, nint* result);
    [DllImport(Library)] internal static extern int shim_set_grad(nint tensor, nint value);
    [DllImport(Library)]
    internal static extern int shim_backward(
        nint* tensors, nint* gradients, int count, nint* inputs, int inputCount, int retainGraph, int createGraph);
    [DllImport(Library)]
    internal static extern int shim_gradients_of(
        nint* outputs, nint* gradients, int count, nint* inputs, int inputCount,
        int retainGraph, int createGraph, int allowUnused, nint* results);

    [DllImport(Library), SuppressGCTransition] internal static extern int shim_grad_mode();
    [DllImport(Library), SuppressGCTransition] internal static extern void shim_set_grad_mode(int enabled);
    [DllImport(Library), SuppressGCTransition] internal static extern int shim_inference_mode();
    [DllImport(Library)] internal static extern nint shim_enter_inference_mode(int enabled);
    [DllImport(Library)] internal static extern void shim_leave_inference_mode(nint guard);

    [DllImport(Library)] internal static extern int shim_manual_seed(long seed);
    [DllImport(Library)] internal static extern int shim_cuda_manual_seed(long seed, int all);
    [DllImport(Library)] internal static extern int shim_default_generator(int type, int index, nint* result);
    [DllImport(Library)] internal static extern int shim_new_generator(int type, int index, ulong seed, nint* result);
    [DllImport(Library)] internal static extern void shim_generator_release(nint generator);
    [DllImport(Library)] internal static extern int shim_generator_set_seed(nint generator, long seed);
    [DllImport(Library)] internal static extern int shim_generator_seed(nint generator, long* result);
    [DllImport(Library)] internal static extern int shim_generator_initial_seed(nint generator, long* result);
    [DllImport(Library)] internal static extern int shim_generator_state(nint generator, nint* result);
    [DllImport(Library)] internal static extern int shim_generator_set_state(nint generator, nint state);

    [DllImport(Library)] internal static extern int shim_threads(int interop);
    [DllImport(Library)] internal static extern int shim_set_threads(int interop, int count);
    [DllImport(Library)] internal static extern int shim_cuda_device_count(int* result);
    [DllImport(Library)] internal static extern int shim_cuda_has_cudnn(int* result);
    [DllImport(Library)] internal static extern int shim_cuda_synchronize(long index);
    [DllImport(Library)] internal static extern int shim_matmul_precision();
    [DllImport(Library)] internal static extern int shim_set_matmul_precision(int precision);
    [DllImport(Library)] internal static extern int shim_allow_tf32(int cudnn, int* result);
    [DllImport(Library)] internal static extern int shim_set_allow_tf32(int cudnn, int allow);
    [DllImport(Library)] internal static extern int shim_flash_attention(int* flash, int* math);
    [DllImport(Library)] internal static extern int shim_set_flash_attention(int flash, int enabled);

    /// <exception cref="ExternalException">The status is not zero; the message is libtorch's own.</exception>
    internal static void Check(int status)
    {
        if (status != 0)
            ThrowLastError();
    }

    private static void ThrowLastError() =>
        throw new ExternalException(Marshal.PtrToStringUTF8((nint)shim_last_error()));
}
