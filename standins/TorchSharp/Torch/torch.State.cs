using System;

using static TorchSharp.NativeMethods;

namespace TorchSharp;

/// <content>Gradient modes, threads and matrix-product precision.</content>
public static partial class torch
{
    public static IDisposable no_grad() => new GradientMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradientMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradientMode(mode);

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_grad_enabled() => shim_grad_mode() != 0;

    public static bool is_inference_mode_enabled() => shim_inference_mode() != 0;

    public static int get_num_threads() => shim_threads(0);

    public static void set_num_threads(int num) => Check(shim_set_threads(0, num));

    public static int get_num_interop_threads() => shim_threads(1);

    public static void set_num_interop_threads(int num) => Check(shim_set_threads(1, num));

    public static Float32MatmulPrecision get_float32_matmul_precision() =>
        (Float32MatmulPrecision)shim_matmul_precision();

    public static IDisposable set_float32_matmul_precision(Float32MatmulPrecision precision)
    {
        var before = get_float32_matmul_precision();
        Check(shim_set_matmul_precision((int)precision));
        return new MatmulPrecision(before);
    }

    /// <summary>Sets the mode of this thread and puts the previous one back when disposed.</summary>
    private sealed class GradientMode : IDisposable
    {
        private readonly int before = shim_grad_mode();

        internal GradientMode(bool enabled) => shim_set_grad_mode(enabled ? 1 : 0);

        public void Dispose() => shim_set_grad_mode(before);
    }

    private sealed class InferenceMode : IDisposable
    {
        private nint guard;

        internal InferenceMode(bool enabled) => guard = shim_enter_inference_mode(enabled ? 1 : 0);

        public void Dispose()
        {
            if (guard == 0)
                return;
            shim_leave_inference_mode(guard);
            guard = 0;
        }
    }

    private sealed class MatmulPrecision(Float32MatmulPrecision before) : IDisposable
    {
        public void Dispose() => Check(shim_set_matmul_precision((int)before));
    }

    public static class backends
    {
        public static class cuda
        {
            public static class matmul
            {
                public static unsafe bool allow_tf32
                {
                    get
                    {
                        int allowed;
                        Check(shim_allow_tf32(0, &allowed));
                        return allowed != 0;
                    }

                    set => Check(shim_set_allow_tf32(0, value ? 1 : 0));
                }
            }

            public static unsafe bool flash_sdp_enabled()
            {
                int flash, math;
                Check(shim_flash_attention(&flash, &math));
                return flash != 0;
            }

            public static unsafe bool math_sdp_enabled()
            {
                int flash, math;
                Check(shim_flash_attention(&flash, &math));
                return math != 0;
            }

            public static void enable_flash_sdp(bool enable) => Check(shim_set_flash_attention(1, enable ? 1 : 0));

            public static void enable_math_sdp(bool enable) => Check(shim_set_flash_attention(0, enable ? 1 : 0));
        }

        public static class cudnn
        {
            public static unsafe bool allow_tf32
            {
                get
                {
                    int allowed;
                    Check(shim_allow_tf32(1, &allowed));
                    return allowed != 0;
                }

                set => Check(shim_set_allow_tf32(1, value ? 1 : 0));
            }
        }
    }
}
