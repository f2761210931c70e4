using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => index(AsIndices(indices));
            set => index_put_(value, AsIndices(indices));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => index_put_(value, AsIndices([i1]));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(AsIndices([i1, i2]));
            set => index_put_(value, AsIndices([i1, i2]));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(AsIndices([i1, i2, i3]));
            set => index_put_(value, AsIndices([i1, i2, i3]));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(AsIndices([i1, i2, i3, i4]));
            set => index_put_(value, AsIndices([i1, i2, i3, i4]));
        }

        public Tensor index(params Tensor[] indices) => index(AsIndices(indices));

        public Tensor index(params TensorIndex[] indices)
        {
            var view = ApplyViews(indices, out var positions);
            if (positions.Length == 0)
                return view;
            var result = Operators.index_Tensor.Call(view, Argument.OptionalTensors(positions));
            view.Dispose();
            return result;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, AsIndices(indices));

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            using var view = ApplyViews(indices, out var positions);
            if (positions.Length == 0)
                view.copy_(value);
            else
                Operators.index_put_.Mutate(view, Argument.OptionalTensors(positions), value);
            return this;
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices) => index_put_(value, AsIndices(indices));

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var tensor = full(Array.Empty<long>(), value, dtype, device);
            return index_put_(tensor, indices);
        }

        private static TensorIndex[] AsIndices(long[] indices) =>
            Array.ConvertAll(indices, value => TensorIndex.Single(value));

        private static TensorIndex[] AsIndices(Tensor[] indices) => Array.ConvertAll(indices, TensorIndex.Tensor);

        /// <summary>
        /// Applies everything that is a view (numbers, slices, new axes, "...") and leaves the positions still to be
        /// gathered, by dimension of that view.
        /// </summary>
        private Tensor ApplyViews(TensorIndex[] indices, out Tensor[] positions)
        {
            var consumed = indices.Sum(DimensionsConsumed);
            if (consumed > Dimensions)
                throw new System.Runtime.InteropServices.ExternalException(
                    $"too many indices for tensor of dimension {Dimensions}");
            var view = Share();
            var gathered = new List<Tensor>();
            var dimension = 0;
            foreach (var index in indices)
            {
                switch (index.Kind)
                {
                    case TensorIndex.IndexKind.Single:
                        view = Step(view, view.select(dimension, index.Start.GetValueOrDefault()));
                        break;
                    case TensorIndex.IndexKind.Slice:
                        view = Step(view, Operators.slice_Tensor.Call(
                            view, dimension++, index.Start, index.Stop, index.Step ?? 1L));
                        break;
                    case TensorIndex.IndexKind.Ellipsis:
                        dimension += (int)(Dimensions - consumed);
                        break;
                    case TensorIndex.IndexKind.Tensor:
                        SetAt(gathered, dimension, index.Positions);
                        dimension += index.Positions.dtype == ScalarType.Bool ? (int)index.Positions.Dimensions : 1;
                        break;
                    case TensorIndex.IndexKind.Bool:
                        view = Step(view, view.unsqueeze(dimension));
                        SetAt(gathered, dimension++, tensor(index.Start != 0));
                        break;
                    default:
                        view = Step(view, view.unsqueeze(dimension++));
                        break;
                }
            }
            positions = gathered.ToArray();
            return view;
        }

        private static long DimensionsConsumed(TensorIndex index) => index.Kind switch
        {
            TensorIndex.IndexKind.Single or TensorIndex.IndexKind.Slice => 1,
            TensorIndex.IndexKind.Tensor => index.Positions.dtype == ScalarType.Bool ? index.Positions.Dimensions : 1,
            _ => 0,
        };

        private static Tensor Step(Tensor before, Tensor after)
        {
            before.Dispose();
            return after;
        }

        private static void SetAt(List<Tensor> list, int position, Tensor value)
        {
            while (list.Count < position)
                list.Add(null);
            list.Add(value);
        }
    }
}
