using System.Reflection;

namespace Microsoft.ML.Runtime;

/// <summary>How to make an instance of a loadable class: through its constructor or its static Create method, with or without an environment.</summary>
internal sealed class LoadableClassInfo
{
    private const BindingFlags Members = BindingFlags.Public | BindingFlags.NonPublic;

    private readonly MethodBase _maker;
    private readonly bool _wantsEnvironment;

    public LoadableClassInfo(LoadableClassAttributeBase attribute)
    {
        Type = attribute.InstanceType;
        ArgumentCount = attribute.CtorTypes.Length;
        if (Type == typeof(void))
            return;
        Type[] withEnvironment = [typeof(IHostEnvironment), .. attribute.CtorTypes];
        MethodBase constructor = Type.IsAssignableFrom(attribute.LoaderType)
            ? FindConstructor(attribute.LoaderType, attribute.CtorTypes) ?? FindConstructor(attribute.LoaderType, withEnvironment)
            : null;
        MethodBase create = FindCreate(attribute, attribute.CtorTypes) ?? FindCreate(attribute, withEnvironment);
        if (constructor is not null && create is not null && Openness(constructor) == Openness(create))
        {
            throw Contracts.Except(null, $"Can't load type {Type}, because it has both create and constructor methods with the same visibility. " +
                "Please indicate which one should be used by changing either the signature or the visibility of one of them.");
        }
        _maker = create is null || (constructor is not null && Openness(constructor) > Openness(create)) ? constructor : create;
        _wantsEnvironment = _maker is not null && _maker.GetParameters().Length > ArgumentCount;
    }

    public Type Type { get; }
    public int ArgumentCount { get; }
    public bool CanCreate => _maker is not null || Type == typeof(void);

    public object CreateInstance(IHostEnvironment env, object[] arguments)
    {
        object[] all = _wantsEnvironment ? [env, .. arguments] : arguments;
        try
        {
            return _maker is ConstructorInfo constructor ? constructor.Invoke(all) : _maker.Invoke(null, all);
        }
        catch (TargetInvocationException exception) when (exception.InnerException?.IsMarked() == true)
        {
            throw Contracts.Except(null, exception, "Error during class instantiation");
        }
    }

    private static ConstructorInfo FindConstructor(Type type, Type[] parameters) =>
        type.GetConstructor(Members | BindingFlags.Instance, null, parameters, null);

    private static MethodInfo FindCreate(LoadableClassAttributeBase attribute, Type[] parameters)
    {
        MethodInfo method = attribute.LoaderType.GetMethod("Create", Members | BindingFlags.Static, null, parameters, null);
        return method?.ReturnType == attribute.InstanceType ? method : null;
    }

    private static int Openness(MethodBase method) => (method.Attributes & MethodAttributes.MemberAccessMask) switch
    {
        MethodAttributes.FamANDAssem => 0,
        MethodAttributes.Private => 1,
        MethodAttributes.Family => 2,
        MethodAttributes.FamORAssem => 3,
        MethodAttributes.Assembly => 4,
        _ => 5,
    };
}
