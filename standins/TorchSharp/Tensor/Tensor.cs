using System;
using System.Threading;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A reference to a libtorch tensor, given back on disposal or by the finalizer.</summary>
    public partial class Tensor : IDisposable
    {
        private static long totalCount;
        private static long peakCount;

        internal nint handle;

        internal Tensor(nint handle, bool register = true)
        {
            this.handle = handle;
            var total = Interlocked.Increment(ref totalCount);
            if (total > peakCount)
                peakCount = total;
            if (register)
                DisposeScopeManager.Current.Register(this);
        }

        ~Tensor() => Dispose(false);

        public static long TotalCount => totalCount;

        public static long PeakCount => peakCount;

        /// <exception cref="InvalidOperationException">The tensor has been disposed.</exception>
        public IntPtr Handle
        {
            get
            {
                if (handle == 0)
                    ThrowDisposed();
                return handle;
            }
        }

        public bool IsInvalid => handle == 0;

        public string name { get; set; }

        internal DisposeScope OwningDisposeScope { get; set; }

        /// <summary>The place in the owning scope's list; meaningless without one.</summary>
        internal int ScopeIndex { get; set; }

        public static Tensor UnsafeCreateTensor(IntPtr handle) => new(handle);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (handle == 0)
                return;
            DisposeScopeManager.Current.CountDisposal(this);
            OwningDisposeScope?.Remove(this);
            Release();
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope other)
        {
            if (OwningDisposeScope is null)
                other?.Attach(this);
            else
                OwningDisposeScope.MoveToOther(other, this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public IntPtr DecoupleFromNativeHandle()
        {
            GC.SuppressFinalize(this);
            return GiveUpHandle();
        }

        /// <summary>Another wrapper of the same tensor, with a reference of its own.</summary>
        internal Tensor Share() => new(NativeMethods.shim_tensor_share(Handle));

        /// <summary>Hands the reference to another wrapper, which counts in this one's place.</summary>
        internal nint GiveUpHandle()
        {
            var owned = Handle;
            handle = 0;
            Interlocked.Decrement(ref totalCount);
            return owned;
        }

        /// <summary>Wraps a reference that a native call has just given; null stands for no tensor.</summary>
        internal static Tensor Adopt(nint handle) => handle == 0 ? null : new Tensor(handle);

        /// <summary>Ends a tensor whose scope ends with it, sparing the removal from the scope's list.</summary>
        internal void DisposeWithScope()
        {
            if (handle == 0)
                return;
            DisposeScopeManager.Current.CountDisposal(this);
            OwningDisposeScope = null;
            Release();
            GC.SuppressFinalize(this);
        }

        private void Release()
        {
            Interlocked.Decrement(ref totalCount);
            NativeMethods.shim_tensor_release(handle);
            handle = 0;
        }

        private static void ThrowDisposed() =>
            throw new InvalidOperationException("Tensor invalid -- empty handle.");
    }
}
