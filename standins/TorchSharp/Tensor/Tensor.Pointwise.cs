using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Functions of each element.</summary>
    public partial class Tensor
    {
        public Tensor abs() => Operators.abs.Call(this);

        public Tensor abs_() => Operators.abs_.Mutate(this);

        public Tensor absolute() => Operators.absolute.Call(this);

        public Tensor absolute_() => Operators.absolute_.Mutate(this);

        public Tensor neg() => Operators.neg.Call(this);

        public Tensor neg_() => Operators.neg_.Mutate(this);

        public Tensor sqrt() => Operators.sqrt.Call(this);

        public Tensor sqrt_() => Operators.sqrt_.Mutate(this);

        public Tensor rsqrt() => Operators.rsqrt.Call(this);

        public Tensor rsqrt_() => Operators.rsqrt_.Mutate(this);

        public Tensor exp() => Operators.exp.Call(this);

        public Tensor exp_() => Operators.exp_.Mutate(this);

        public Tensor exp2() => Operators.exp2.Call(this);

        public Tensor expm1() => Operators.expm1.Call(this);

        public Tensor expm1_() => Operators.expm1_.Mutate(this);

        public Tensor log() => Operators.log.Call(this);

        public Tensor log_() => Operators.log_.Mutate(this);

        public Tensor log2() => Operators.log2.Call(this);

        public Tensor log2_() => Operators.log2_.Mutate(this);

        public Tensor log10() => Operators.log10.Call(this);

        public Tensor log10_() => Operators.log10_.Mutate(this);

        public Tensor log1p() => Operators.log1p.Call(this);

        public Tensor log1p_() => Operators.log1p_.Mutate(this);

        public Tensor reciprocal() => Operators.reciprocal.Call(this);

        public Tensor reciprocal_() => Operators.reciprocal_.Mutate(this);

        public Tensor square() => Operators.square.Call(this);

        public Tensor sin() => Operators.sin.Call(this);

        public Tensor sin_() => Operators.sin_.Mutate(this);

        public Tensor cos() => Operators.cos.Call(this);

        public Tensor cos_() => Operators.cos_.Mutate(this);

        public Tensor tan() => Operators.tan.Call(this);

        public Tensor tan_() => Operators.tan_.Mutate(this);

        public Tensor asin() => Operators.asin.Call(this);

        public Tensor asin_() => Operators.asin_.Mutate(this);

        public Tensor acos() => Operators.acos.Call(this);

        public Tensor acos_() => Operators.acos_.Mutate(this);

        public Tensor atan() => Operators.atan.Call(this);

        public Tensor atan_() => Operators.atan_.Mutate(this);

        public Tensor sinh() => Operators.sinh.Call(this);

        public Tensor sinh_() => Operators.sinh_.Mutate(this);

        public Tensor cosh() => Operators.cosh.Call(this);

        public Tensor cosh_() => Operators.cosh_.Mutate(this);

        public Tensor tanh() => Operators.tanh.Call(this);

        public Tensor tanh_() => Operators.tanh_.Mutate(this);

        public Tensor asinh() => Operators.asinh.Call(this);

        public Tensor asinh_() => Operators.asinh_.Mutate(this);

        public Tensor acosh() => Operators.acosh.Call(this);

        public Tensor acosh_() => Operators.acosh_.Mutate(this);

        public Tensor atanh() => Operators.atanh.Call(this);

        public Tensor atanh_() => Operators.atanh_.Mutate(this);

        public Tensor sigmoid() => Operators.sigmoid.Call(this);

        public Tensor sigmoid_() => Operators.sigmoid_.Mutate(this);

        public Tensor erf() => Operators.erf.Call(this);

        public Tensor erf_() => Operators.erf_.Mutate(this);

        public Tensor erfc() => Operators.erfc.Call(this);

        public Tensor erfc_() => Operators.erfc_.Mutate(this);

        public Tensor erfinv() => Operators.erfinv.Call(this);

        public Tensor erfinv_() => Operators.erfinv_.Mutate(this);

        public Tensor ceil() => Operators.ceil.Call(this);

        public Tensor ceil_() => Operators.ceil_.Mutate(this);

        public Tensor floor() => Operators.floor.Call(this);

        public Tensor floor_() => Operators.floor_.Mutate(this);

        public Tensor trunc() => Operators.trunc.Call(this);

        public Tensor trunc_() => Operators.trunc_.Mutate(this);

        public Tensor frac() => Operators.frac.Call(this);

        public Tensor frac_() => Operators.frac_.Mutate(this);

        public Tensor sign() => Operators.sign.Call(this);

        public Tensor sign_() => Operators.sign_.Mutate(this);

        public Tensor sgn() => Operators.sgn.Call(this);

        public Tensor sgn_() => Operators.sgn_.Mutate(this);

        public Tensor lgamma() => Operators.lgamma.Call(this);

        public Tensor lgamma_() => Operators.lgamma_.Mutate(this);

        public Tensor digamma() => Operators.digamma.Call(this);

        public Tensor digamma_() => Operators.digamma_.Mutate(this);

        public Tensor deg2rad() => Operators.deg2rad.Call(this);

        public Tensor rad2deg() => Operators.rad2deg.Call(this);

        public Tensor positive() => Operators.positive.Call(this);

        public Tensor negative() => Operators.neg.Call(this);

        public Tensor round(long decimals = 0L) =>
            decimals == 0 ? Operators.round.Call(this) : Operators.round_decimals.Call(this, decimals);

        public Tensor round_(long decimals = 0L) =>
            decimals == 0 ? Operators.round_.Mutate(this) : Operators.round__decimals.Mutate(this, decimals);

        public Tensor pow(Tensor exponent) => Operators.pow_Tensor_Tensor.Call(this, exponent);

        public Tensor pow(Scalar exponent) => Operators.pow_Tensor_Scalar.Call(this, exponent);

        public Tensor pow_(Tensor exponent) => Operators.pow__Tensor.Mutate(this, exponent);

        public Tensor pow_(Scalar exponent) => Operators.pow__Scalar.Mutate(this, exponent);

        public Tensor float_power(Tensor target) => Operators.float_power_Tensor_Tensor.Call(this, target);

        public Tensor clamp(Scalar min = null, Scalar max = null) => Operators.clamp.Call(this, min, max);

        public Tensor clamp(Tensor min = null, Tensor max = null) => Operators.clamp_Tensor.Call(this, min, max);

        public Tensor clamp_(Scalar min = null, Scalar max = null) => Operators.clamp_.Mutate(this, min, max);

        public Tensor clamp_(Tensor min = null, Tensor max = null) => Operators.clamp__Tensor.Mutate(this, min, max);

        public Tensor clamp_max(Scalar max) => Operators.clamp_max.Call(this, max);

        public Tensor clamp_max_(Scalar max) => Operators.clamp_max_.Mutate(this, max);

        public Tensor clamp_min(Scalar min) => Operators.clamp_min.Call(this, min);

        public Tensor clamp_min_(Scalar min) => Operators.clamp_min_.Mutate(this, min);

        public Tensor clip(Scalar min = null, Scalar max = null) => Operators.clamp.Call(this, min, max);

        public Tensor lerp(Tensor end, Tensor weight) => Operators.lerp_Tensor.Call(this, end, weight);

        public Tensor lerp_(Tensor end, Tensor weight) => Operators.lerp__Tensor.Mutate(this, end, weight);

        public Tensor nan_to_num(double nan = 0, double? posinf = null, double? neginf = null) =>
            Operators.nan_to_num.Call(this, nan, posinf, neginf);

        public Tensor logit(double? eps = null) => Operators.logit.Call(this, eps);

        public Tensor atan2(Tensor other) => Operators.atan2.Call(this, other);

        public Tensor hypot(Tensor other) => Operators.hypot.Call(this, other);

        public Tensor copysign(Tensor other) => Operators.copysign_Tensor.Call(this, other);

        public Tensor xlogy(Tensor y) => Operators.xlogy_Tensor.Call(this, y);

        public Tensor logaddexp(Tensor other) => Operators.logaddexp.Call(this, other);

        public Tensor dist(Tensor other, float p = 2f) => Operators.dist.Call(this, other, p);
    }
}
