using System;

using static TorchSharp.NativeMethods;

namespace TorchSharp;

/// <content>Sources of random numbers and the CUDA devices.</content>
public static partial class torch
{
    public static Generator manual_seed(long seed)
    {
        Check(shim_manual_seed(seed));
        return Generator.Default;
    }

    public static long seed() => Generator.Default.seed();

    public static long initial_seed() => Generator.Default.initial_seed();

    public static Tensor get_rng_state() => Generator.Default.get_state();

    public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);

    public static bool cuda_is_available() => cuda.is_available();

    public static class random
    {
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);

        public static long seed() => torch.seed();

        public static long initial_seed() => torch.initial_seed();

        public static Tensor get_rng_state() => torch.get_rng_state();

        public static void set_rng_state(Tensor new_state) => torch.set_rng_state(new_state);
    }

    public static class cuda
    {
        public static bool is_available() => device_count() > 0;

        public static unsafe int device_count()
        {
            int count;
            Check(shim_cuda_device_count(&count));
            return count;
        }

        public static unsafe bool is_cudnn_available()
        {
            int available;
            Check(shim_cuda_has_cudnn(&available));
            return available != 0;
        }

        public static void manual_seed(long seed) => Check(shim_cuda_manual_seed(seed, 0));

        public static void manual_seed_all(long seed) => Check(shim_cuda_manual_seed(seed, 1));

        public static void synchronize(Device device = null) => Check(shim_cuda_synchronize(device?.index ?? -1));
    }

    public class Generator : IDisposable
    {
        private nint handle;

        public unsafe Generator(ulong seed = 0, Device device = null)
        {
            this.device = device ?? CPU;
            nint created;
            Check(shim_new_generator((int)this.device.type, this.device.index, seed, &created));
            handle = created;
        }

        private Generator(nint handle)
        {
            this.handle = handle;
            device = CPU;
        }

        ~Generator() => Dispose(false);

        /// <summary>The generator of the CPU that functions without one draw from.</summary>
        public static unsafe Generator Default
        {
            get
            {
                nint shared;
                Check(shim_default_generator((int)DeviceType.CPU, -1, &shared));
                return new Generator(shared);
            }
        }

        public Device device { get; }

        public IntPtr Handle
        {
            get
            {
                ObjectDisposedException.ThrowIf(handle == 0, this);
                return handle;
            }
        }

        public Generator manual_seed(long seed)
        {
            Check(shim_generator_set_seed(Handle, seed));
            return this;
        }

        public unsafe long seed()
        {
            long drawn;
            Check(shim_generator_seed(Handle, &drawn));
            return drawn;
        }

        public unsafe long initial_seed()
        {
            long seed;
            Check(shim_generator_initial_seed(Handle, &seed));
            return seed;
        }

        public unsafe Tensor get_state()
        {
            nint state;
            Check(shim_generator_state(Handle, &state));
            return Tensor.Adopt(state);
        }

        public void set_state(Tensor value) => Check(shim_generator_set_state(Handle, value.Handle));

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (handle == 0)
                return;
            shim_generator_release(handle);
            handle = 0;
        }
    }
}
