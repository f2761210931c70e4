using Microsoft.Extensions.Primitives;
using Microsoft.ML;

namespace Microsoft.Extensions.ML;

public abstract class ModelLoader
{
    public abstract ITransformer GetModel();

    public abstract IChangeToken GetReloadToken();
}
