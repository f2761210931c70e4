using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Products of matrices and vectors.</summary>
    public partial class Tensor
    {
        public Tensor matmul(Tensor target) => Operators.matmul.Call(this, target);

        public Tensor mm(Tensor target) => Operators.mm.Call(this, target);

        public Tensor bmm(Tensor batch2) => Operators.bmm.Call(this, batch2);

        public Tensor mv(Tensor target) => Operators.mv.Call(this, target);

        public Tensor dot(Tensor target) => Operators.dot.Call(this, target);

        public Tensor outer(Tensor vec2) => Operators.outer.Call(this, vec2);

        public Tensor inner(Tensor vec2) => Operators.inner.Call(this, vec2);

        public Tensor vdot(Tensor target) => Operators.vdot.Call(this, target);

        public Tensor ger(Tensor vec2) => Operators.outer.Call(this, vec2);

        public Tensor kron(Tensor other) => Operators.kron.Call(this, other);

        public Tensor trace() => Operators.trace.Call(this);

        public Tensor det() => Operators.det.Call(this);

        public Tensor inverse() => Operators.inverse.Call(this);

        public Tensor matrix_power(int n) => Operators.matrix_power.Call(this, (long)n);

        public Tensor cholesky(bool upper = false) => Operators.cholesky.Call(this, upper);

        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1f, float alpha = 1f) =>
            Operators.addmm.Call(this, mat1, mat2, (double)beta, (double)alpha);

        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1f, float alpha = 1f) =>
            Operators.addmm_.Mutate(this, mat1, mat2, (double)beta, (double)alpha);

        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1f, float alpha = 1f) =>
            Operators.addmv.Call(this, mat, vec, (double)beta, (double)alpha);

        public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1f, float alpha = 1f) =>
            Operators.addmv_.Mutate(this, mat, vec, (double)beta, (double)alpha);

        public Tensor addr(Tensor vec1, Tensor vec2, float beta = 1f, float alpha = 1f) =>
            Operators.addr.Call(this, vec1, vec2, (double)beta, (double)alpha);

        public Tensor addr_(Tensor vec1, Tensor vec2, float beta = 1f, float alpha = 1f) =>
            Operators.addr_.Mutate(this, vec1, vec2, (double)beta, (double)alpha);

        public Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1f, float alpha = 1f) =>
            Operators.addbmm.Call(this, batch1, batch2, (double)beta, (double)alpha);

        public Tensor addbmm_(Tensor batch1, Tensor batch2, float beta = 1f, float alpha = 1f) =>
            Operators.addbmm_.Mutate(this, batch1, batch2, (double)beta, (double)alpha);

        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1f, float alpha = 1f) =>
            Operators.baddbmm.Call(this, batch1, batch2, (double)beta, (double)alpha);
    }
}
